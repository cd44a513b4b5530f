package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's cloud kernel with a busybox initramfs, on jkvm, on a real KVM. */
@RequiresLab
class LinuxGuestTest {
    private static final Duration BOOT = Duration.ofMinutes(2);
    private static final Duration COMMAND = Duration.ofSeconds(30);
    private static final String BEGIN = "== kernel log";
    private static final String END = "== end";
    private static final Pattern TIME = Pattern.compile("^\\[ *\\d+\\.\\d+] ");
    private static final Pattern OF_INTEREST = Pattern.compile("(?i)acpi|apic|i8042|mp-?table|smbios|dmi|serio");
    private static final Pattern COMPLAINT = Pattern.compile("(?i)error|fail|warn|bug|bad |invalid|unable|not found"
            + "|no such|timeout|spurious|missing|conflict|broken");

    @TempDir
    private Path folder;
    private LabKernel kernel;

    @BeforeEach
    void fetchTheKernel() {
        kernel = LabKernel.cloud(System.err::println);
    }

    private Path initramfs(byte[] content) throws Exception {
        return Files.write(folder.resolve("initramfs.gz"), content);
    }

    private List<String> commandLine(Path initramfs, int cpus, String kernelText) {
        return List.of("-kernel", kernel.image().toString(), "-initrd", initramfs.toString(), "-append",
                "console=ttyS0 " + kernelText, "-smp", Integer.toString(cpus), "-m", "256", "-nographic");
    }

    @Test
    void shouldGiveAShellThatAnswersRebootInPlaceAndPowerOff() throws Exception {
        Path initramfs = initramfs(GuestInitramfs.shell(new KernelModules(kernel), List.of()));
        try (LabTerminal terminal = new LabTerminal(Lab.innerJkvm(commandLine(initramfs, 2, "quiet")))) {
            terminal.expect(GuestInitramfs.PROMPT, BOOT);
            terminal.send("echo $((6 * 7)) from $(nproc) CPUs\r");
            terminal.expect("42 from 2 CPUs", COMMAND);
            terminal.send("reboot -f\r");
            terminal.expect(GuestInitramfs.PROMPT, COMMAND);
            terminal.expect(GuestInitramfs.PROMPT, BOOT);
            terminal.send("echo up again with $(nproc)\r");
            terminal.expect("up again with 2", COMMAND);
            terminal.send("poweroff -f\r");
            assertEquals(0, terminal.exitStatus(COMMAND));
        }
    }

    @Test
    void shouldComplainAboutNoHardwareThatItDoesNotComplainAboutUnderQemu() throws Exception {
        Path initramfs = initramfs(GuestInitramfs.script(new KernelModules(kernel), List.of(),
                "echo CPUS $(nproc)\necho '" + BEGIN + "'\ndmesg\necho '" + END + "'\npoweroff -f\n"));
        String script = "\"$@\" </dev/null >" + folder + "/jkvm1.txt; echo $?\n"
                + Lab.innerJkvm(commandLine(initramfs, 2, "quiet")).stream().map(LinuxGuestTest::quoted)
                        .collect(Collectors.joining(" ")) + " </dev/null >" + folder + "/jkvm2.txt; echo $?\n"
                + "qemu-system-x86_64 -machine pc,accel=kvm -cpu host -nodefaults -serial stdio -display none "
                + commandLine(initramfs, 2, "quiet").stream().filter(word -> !word.equals("-nographic"))
                        .map(LinuxGuestTest::quoted).collect(Collectors.joining(" "))
                + " </dev/null >" + folder + "/qemu2.txt; echo $?\n";
        LabRun.Result result = LabRun.exec(LabRun.shell(script, Lab.innerJkvm(commandLine(initramfs, 1, "quiet"))
                .toArray(String[]::new)), new byte[0], Duration.ofMinutes(4));

        assertEquals("0\n0\n0\n", result.out(), result.err());
        assertTrue(output("jkvm1.txt").contains("CPUS 1"), output("jkvm1.txt"));
        assertTrue(output("jkvm2.txt").contains("CPUS 2"), output("jkvm2.txt"));
        TreeSet<String> ours = complaints(output("jkvm2.txt"));
        ours.addAll(complaints(output("jkvm1.txt")));
        ours.removeAll(complaints(output("qemu2.txt")));
        assertEquals(new TreeSet<>(), ours);
    }

    private static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }

    private String output(String name) throws Exception {
        return Files.readString(folder.resolve(name)).replace("\r", "");
    }

    private static TreeSet<String> complaints(String output) {
        int begin = output.indexOf(BEGIN);
        int end = output.indexOf(END);
        assertTrue(begin >= 0 && end > begin, output);
        return output.substring(begin, end).lines().map(line -> TIME.matcher(line).replaceFirst(""))
                .filter(line -> OF_INTEREST.matcher(line).find() && COMPLAINT.matcher(line).find())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
