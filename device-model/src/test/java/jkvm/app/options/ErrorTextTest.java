package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jkvm.boot.BootException;
import jkvm.boot.BootLoaders;
import jkvm.boot.BootRequest;
import jkvm.boot.RawFile;
import jkvm.inspect.KvmHost;
import jkvm.linux.Errno;
import jkvm.linux.FaultySyscalls;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.SyscallNumber;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;
import jkvm.tables.MemoryMap;
import jkvm.vm.Kvm;
import jkvm.vm.KvmAccessException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Those texts that need no machine; the others stand beside the tests of what fails. */
class ErrorTextTest {
    private static final int MIB = 1 << 20;

    @TempDir
    private Path folder;

    private static String text(Class<? extends RuntimeException> type, Executable action) {
        RuntimeException e = assertThrows(type, action);
        return ErrorText.of(e).orElseThrow(() -> e);
    }

    private static String refusal(Path kernel, List<String> initrds, long memoryBytes) {
        try (Arena arena = Arena.ofShared()) {
            GuestMemory memory = MemoryBacking.ANONYMOUS.allocate(new FfmSyscalls(), arena, memoryBytes);
            BootRequest request = new BootRequest(kernel, initrds, "", memory, MemoryMap.forPc(memory), 0);
            return text(BootException.class, () -> BootLoaders.load(request));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "ENOENT | ENOENT (no such file or directory); sudo modprobe kvm_intel",
        "EACCES | EACCES (permission denied); sudo usermod -aG kvm ann, then log in again",
    })
    void shouldNameTheAcceleratorThatNeedsNoDevice(Errno errno, String message) {
        FaultySyscalls kernel = FaultySyscalls.pretending().failNext(SyscallNumber.OPEN, errno);

        KvmAccessException e = assertThrows(KvmAccessException.class, () -> Kvm.open(kernel).close());
        String text = ErrorText.text(e, new KvmHost(true, false, false, "kvm", "rw-rw----"), "ann");

        assertEquals("open /dev/kvm: " + message + "; or run without it: -accel soft", text);
    }

    @Test
    void shouldNameTheOptionThatBootsAFlatImage() throws Exception {
        Path flat = Files.write(folder.resolve("flat"), new byte[512]);
        assertEquals("kernel " + flat + ": is no Linux bzImage, multiboot image or ELF file; a flat image boots with"
                + " -device loader,file=F,addr=A,cpu-num=0", refusal(flat, List.of(), MIB));
    }

    @Test
    void shouldNameTheOptionThatGivesTheGuestMoreMemory() throws Exception {
        int[] header = {0x1BADB002, 0x10000, -0x1BADB002 - 0x10000, MIB, MIB, MIB + 64, 0, MIB + 32};
        ByteBuffer multiboot = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        multiboot.asIntBuffer().put(header);
        Path kernel = Files.write(folder.resolve("kernel"), multiboot.array());
        Path initrd = Files.write(folder.resolve("initrd"), new byte[4 * MIB]);
        assertEquals("initrd " + initrd + ": 4194304 bytes do not fit into the guest's memory after the kernel; give"
                + " the guest more (-m)", refusal(kernel, List.of(initrd.toString()), 4 * MIB));
    }

    @Test
    void shouldNameTheOptionThatAFileWasGivenWith() {
        assertEquals("-bios " + folder + ": is a directory; name a file",
                text(BootException.class, () -> RawFile.readRom(folder, List.of())));
        assertEquals("-bios: the path is empty; name a file",
                text(BootException.class, () -> RawFile.readRom(Path.of(""), List.of())));
        assertEquals("-fw_cfg file " + folder + ": is a directory; name a file",
                text(BootException.class, () -> RawFile.read(BootException.Role.FW_CFG_FILE, folder, 1)));
    }

    @Test
    void shouldReportWhatTheUserCanMendOnly() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        RuntimeException defect = new IllegalStateException("a defect");

        int status = ErrorText.report(assertThrows(BootException.class, () -> RawFile.readRom(Path.of(""),
                List.of())), err);

        assertEquals(1, status);
        assertEquals("jkvm: -bios: the path is empty; name a file\n", bytes.toString(StandardCharsets.UTF_8));
        assertEquals(Optional.empty(), ErrorText.of(defect));
        assertSame(defect, assertThrows(IllegalStateException.class, () -> ErrorText.report(defect, err)));
    }
}
