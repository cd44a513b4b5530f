package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import jkvm.app.ListeningSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's gdb on Debian's kernel, whose symbols the kernel itself tells in a boot before: on the KVM in Java. */
@BootsGuests
class GdbLinuxTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final List<String> WANTED = List.of("start_kernel", "x86_64_start_reservations", "kernel_init",
            "jiffies_64");
    private static final Pattern SYMBOL = Pattern.compile("(?m)^([0-9a-f]{16}) (\\w) (\\w+)$");
    private static final String SCRIPT = "grep -E ' (" + String.join("|", WANTED) + ")$' /proc/kallsyms\npoweroff -f\n";

    @TempDir
    private Path folder;

    private List<String> guest(LabKernel kernel, String script) throws Exception {
        Path initramfs = Files.write(folder.resolve("initramfs.gz"),
                GuestInitramfs.script(new KernelModules(kernel), List.of(), script));
        return List.of("-kernel", kernel.image().toString(), "-initrd", initramfs.toString(), "-append",
                "console=ttyS0 quiet nokaslr", "-m", "256", "-nographic");
    }

    /** A file with symbols alone, each in a section of its own, as gdb looks for functions in sections of code. */
    private Path symbols(String listing) throws Exception {
        List<MatchResult> lines = SYMBOL.matcher(listing).results().toList();
        assertEquals(WANTED.size(), lines.size(), listing);
        Path result = folder.resolve("symbols");
        List<String> link = new ArrayList<>(List.of("ld", "-e", "0", "-o", result.toString()));
        StringBuilder source = new StringBuilder();
        for (MatchResult line : lines) {
            String section = ".symbol." + line.group(3);
            boolean isCode = "Tt".contains(line.group(2));
            source.append(".section %s,\"%s\"%n.globl %3$s%n.type %3$s, @%4$s%n%3$s: .byte 0%n".formatted(section,
                    isCode ? "ax" : "aw", line.group(3), isCode ? "function" : "object"));
            link.add("--section-start=" + section + "=0x" + line.group(1));
        }
        Path assembly = Files.writeString(folder.resolve("symbols.s"), source);
        Path object = folder.resolve("symbols.o");
        link.add(object.toString());
        List<String> assemble = List.of("as", "--64", "-o", object.toString(), assembly.toString());
        for (List<String> command : List.of(assemble, link)) {
            LabRun.Result run = SoftRun.exec(command, LIMIT);
            assertEquals(0, run.exit(), () -> command + run.err());
        }
        return result;
    }

    @Test
    void shouldStopAtTheKernelsFirstFunctionInCAndLookAround() throws Exception {
        LabKernel kernel = LabKernel.cloud(System.err::println);
        Path symbols = symbols(SoftRun.jkvm(guest(kernel, SCRIPT), LIMIT).out().replace("\r", ""));
        Path socket = folder.resolve("gdb.sock");
        List<String> debugged = new ArrayList<>(guest(kernel, "poweroff -f\n"));
        debugged.addAll(List.of("-S", "-gdb", "unix:" + socket + ",server=on,wait=off"));

        Process jkvm = new ProcessBuilder(SoftRun.command(debugged)).redirectErrorStream(true)
                .redirectOutput(folder.resolve("console").toFile()).start();
        LabRun.Result gdb;
        try {
            ListeningSocket.await(socket, jkvm, folder.resolve("console"));
            gdb = SoftRun.exec(List.of("gdb", "-nx", "-q", "-batch", symbols.toString(), "-ex",
                    "target remote " + socket, "-ex", "hbreak start_kernel", "-ex", "continue", "-ex",
                    "p/x $cr0 & 0x80000001", "-ex",
                    "p/x $efer & 0x500", "-ex", "x/i $pc", "-ex", "hbreak kernel_init", "-ex", "delete 1", "-ex",
                    "continue", "-ex", "p *(unsigned long *)&jiffies_64 > 0", "-ex", "info threads", "-ex", "kill"),
                    LIMIT);
            assertTrue(jkvm.waitFor(LIMIT), "killed");
            assertEquals(0, jkvm.exitValue());
        } finally {
            jkvm.destroyForcibly().waitFor();
        }

        String out = gdb.out();
        for (String part : List.of("Breakpoint 1, ", "in start_kernel ()", "$1 = 0x80000001", "$2 = 0x500",
                "=> 0xffffffff", "Breakpoint 2, ", "in kernel_init ()", "$3 = 1", "Thread 1 (CPU 0)")) {
            assertTrue(out.contains(part), () -> "no \"" + part + "\" in\n" + out + gdb.err());
        }
    }
}
