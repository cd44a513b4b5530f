package jkvm.soft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import jkvm.abi.KvmIoctl;
import jkvm.linux.Errno;
import jkvm.linux.FaultySyscalls;
import jkvm.linux.SyscallNumber;
import jkvm.soft.Accelerator.Kind;
import jkvm.vm.Kvm;
import jkvm.vm.KvmAccessException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AcceleratorsTest {
    private static final String ALL_FLAGS = "processor\t: 0\nmodel name\t: CPU\nflags\t\t: fpu %s sse\nbugs\t\t:\n";

    @TempDir
    private Path root;
    private final FaultySyscalls kernel = FaultySyscalls.pretending()
            .onIoctl(KvmIoctl.GET_API_VERSION.number(), (fd, argument) -> Kvm.API_VERSION);

    private boolean isNative(String flag, String... modules) throws IOException {
        Files.createDirectories(root.resolve("proc"));
        Files.writeString(root.resolve("proc/cpuinfo"), ALL_FLAGS.formatted(flag));
        for (String module : modules) {
            Files.createDirectories(root.resolve("sys/module").resolve(module));
        }
        return Accelerators.isNative(root);
    }

    @Test
    void shouldTakeTheFirstOfAListThatIsUsable() {
        assertSame(kernel, Accelerators.open("kvm", kernel).syscalls());
        assertEquals(Kind.KVM, Accelerators.open("kvm:tcg", kernel).kind());
        assertEquals(Kind.SOFT, Accelerators.open("tcg:kvm", kernel).kind());
        assertEquals("", Accelerators.open("soft", kernel).reason());
        assertEquals(Set.of(), kernel.openDescriptors(), "all that was tried is closed");
    }

    @Test
    void shouldSayWhyItIsNotThePreferredOne() {
        kernel.failNext(SyscallNumber.OPEN, Errno.EACCES);

        Accelerator accelerator = Accelerators.open(List.of(Kind.KVM, Kind.SOFT), kernel);

        assertEquals(Kind.SOFT, accelerator.kind());
        assertEquals("open /dev/kvm: EACCES (permission denied); jkvm doctor tells what would help",
                accelerator.reason());
    }

    @Test
    void shouldFailWithAdviceWhenNoneIsUsable() {
        kernel.failNext(SyscallNumber.OPEN, Errno.ENOENT);

        KvmAccessException e = assertThrows(KvmAccessException.class, () -> Accelerators.open("kvm", kernel));

        assertTrue(e.getMessage().endsWith("; load the module, modprobe kvm_intel or kvm_amd"), e.getMessage());
    }

    @Test
    void shouldGoOnFromAKvmOfAnotherVersion() {
        kernel.onIoctl(KvmIoctl.GET_API_VERSION.number(), (fd, argument) -> 11);

        assertEquals("/dev/kvm has API version 11, jkvm needs 12", Accelerators.open("kvm:soft", kernel).reason());
    }

    @Test
    void shouldRefuseUnknownNames() {
        assertEquals("invalid accelerator xen; there are kvm and soft (or tcg)",
                assertThrows(IllegalArgumentException.class, () -> Accelerators.open("kvm:xen", kernel)).getMessage());
    }

    @Test
    void shouldCallAKvmNativeWhereTheProcessorVirtualises() throws IOException {
        assertFalse(isNative("vmxnot"));
        assertTrue(isNative("vmx"));
        assertTrue(isNative("svm", "kvm", "kvm_amd"));
    }

    @Test
    void shouldNotCallAnotherKvmNativeThatStandsInForTheOneOfTheProcessor() throws IOException {
        assertFalse(isNative("svm", "kvm", "kvm_pvm"));
        assertTrue(isNative("svm", "kvm", "kvm_pvm", "kvm_amd"));
    }

    @Test
    void shouldTellOfTheKvmThatEmulatesInOneLine() throws IOException {
        assertFalse(isNative("sse2", "kvm", "kvm_pvm"));

        Accelerator accelerator = Accelerators.openFastest(kernel, root);

        assertEquals(Kind.SOFT, accelerator.kind());
        assertEquals("/dev/kvm emulates each instruction here; name kvm to take it even so", accelerator.reason());
    }

    @Test
    void shouldTakeANativeKvmWithoutAWord() throws IOException {
        assertTrue(isNative("vmx"));

        assertEquals(new Accelerator(Kind.KVM, kernel, ""), Accelerators.openFastest(kernel, root));
    }
}
