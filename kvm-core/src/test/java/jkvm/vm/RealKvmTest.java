package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmCpuid2;
import jkvm.linux.Syscalls;
import org.junit.jupiter.api.Test;

@OnEachKvm
class RealKvmTest {
    private static final int IA32_SYSENTER_CS = 0x174;
    private final Syscalls syscalls;

    RealKvmTest(Syscalls syscalls) {
        this.syscalls = syscalls;
    }

    @Test
    void shouldAnswerForCapabilitiesThatEveryKvmHas() {
        try (Kvm kvm = Kvm.open(syscalls)) {
            assertEquals(1, kvm.checkExtension(KvmCap.USER_MEMORY));
            assertTrue(kvm.checkExtension(KvmCap.NR_MEMSLOTS) >= 32);
            assertTrue(kvm.vcpuMmapSize() >= 4096);
        }
    }

    @Test
    void shouldListCpuidLeavesAndModelSpecificRegisters() {
        try (Kvm kvm = Kvm.open(syscalls)) {
            KvmCpuid2 cpuid = kvm.supportedCpuid();
            assertTrue(cpuid.find(0, 0).eax() >= 1, "highest basic leaf");
            assertNotNull(cpuid.find(0x8000_0000, 0));
            assertNull(cpuid.find(0x1234_5678, 0));
            assertTrue(Arrays.stream(kvm.msrIndexList()).anyMatch(index -> index == IA32_SYSENTER_CS));
        }
    }

    @Test
    void shouldListWhatItEmulatesAndItsFeatureRegistersOrNameWhatIsMissing() throws Throwable {
        try (TinyGuest guest = new TinyGuest(syscalls, "f4")) {
            guest.uses(KvmCap.EXT_EMUL_CPUID, () -> assertTrue(guest.kvm.emulatedCpuid().nent() > 0));
            guest.uses(KvmCap.SYS_HYPERV_CPUID, () -> assertTrue(guest.kvm.hypervCpuid().nent() > 0));
            guest.uses(KvmCap.GET_MSR_FEATURES, () -> {
                int[] indices = guest.kvm.msrFeatureIndexList();
                assertEquals(indices.length, guest.kvm.featureMsrs(indices).nmsrs());
            });
        }
    }

    @Test
    void shouldRefuseUseAfterClose() {
        Kvm kvm = Kvm.open(syscalls);
        kvm.close();
        kvm.close();

        assertThrows(IllegalStateException.class, kvm::createVm);
    }
}
