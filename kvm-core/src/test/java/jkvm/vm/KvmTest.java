package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.abi.KvmCap;
import jkvm.linux.Errno;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.LinuxException;
import org.junit.jupiter.api.Test;

class KvmTest {

    @Test
    @RequiresKvm
    void shouldAnswerForCapabilitiesThatEveryKvmHas() {
        try (Kvm kvm = Kvm.open(new FfmSyscalls())) {
            assertEquals(1, kvm.checkExtension(KvmCap.USER_MEMORY));
            assertTrue(kvm.checkExtension(KvmCap.NR_MEMSLOTS) >= 32);
            assertTrue(kvm.vcpuMmapSize() >= 4096);
        }
    }

    @Test
    @RequiresKvm
    void shouldRefuseUseAfterClose() {
        Kvm kvm = Kvm.open(new FfmSyscalls());
        kvm.close();
        kvm.close();

        assertThrows(IllegalStateException.class, kvm::createVm);
    }

    @Test
    void shouldSayWhatToDoWhenTheDeviceIsAbsent() {
        LinuxException e = assertThrows(LinuxException.class, () -> Kvm.open(new FfmSyscalls(), "/dev/no-such-kvm"));

        assertEquals(Errno.ENOENT, e.errno());
        assertEquals("open /dev/no-such-kvm: ENOENT (no such file or directory); load the module: modprobe kvm_intel "
                + "or kvm_amd; without hardware support: jkvm lab", e.getMessage());
    }

    @Test
    void shouldRefuseADeviceThatIsNoKvm() {
        LinuxException e = assertThrows(LinuxException.class, () -> Kvm.open(new FfmSyscalls(), "/dev/null"));

        assertEquals(Errno.ENOTTY, e.errno());
    }
}
