package jkvm.machine.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import jkvm.abi.KvmCpuid2;
import jkvm.abi.KvmCpuidEntry2;
import jkvm.app.options.ErrorText;
import jkvm.machine.config.CpuConfig;
import jkvm.machine.config.MachineException;
import jkvm.machine.config.MachineWarning;
import org.junit.jupiter.api.Test;

class CpuModelTest {
    private static final int AVX2_BIT = 1 << 5;

    private static KvmCpuid2 supported() {
        KvmCpuid2 cpuid = new KvmCpuid2(8);
        cpuid.nent(0);
        cpuid.add(0);
        cpuid.add(1);
        KvmCpuidEntry2 leaf7 = cpuid.add(7);
        leaf7.flags(KvmCpuidEntry2.SIGNIFICANT_INDEX);
        leaf7.ebx(AVX2_BIT);
        for (int index = 0; index < 2; index++) {
            KvmCpuidEntry2 level = cpuid.add(0xB);
            level.flags(KvmCpuidEntry2.SIGNIFICANT_INDEX);
            level.index(index);
        }
        return cpuid;
    }

    private static CpuModel model(Map<String, Boolean> features, int cpus) {
        return new CpuModel(supported(), new CpuConfig("host", features), cpus, true);
    }

    @Test
    void shouldSayThatThereIsAHypervisorAndADeadlineTimer() {
        assertEquals(1 << 31 | 1 << 24, model(Map.of(), 1).forCpu(0).find(1, 0).ecx());
    }

    @Test
    void shouldTakeFeaturesAway() {
        assertEquals(AVX2_BIT, model(Map.of(), 1).forCpu(0).find(7, 0).ebx());
        assertEquals(0, model(Map.of("avx2", false), 1).forCpu(0).find(7, 0).ebx());
    }

    @Test
    void shouldHaveLinearAddressesOf57BitsOnlyWithFiveLevelPaging() {
        KvmCpuid2 offered = supported();
        offered.find(7, 0).ecx(1 << 16);
        offered.add(0x80000008).eax(57 << 8 | 40);

        CpuModel with = new CpuModel(offered, new CpuConfig("host", Map.of()), 1, true);
        CpuModel without = new CpuModel(offered, new CpuConfig("host", Map.of("la57", false)), 1, true);

        assertEquals(57 << 8 | 40, with.forCpu(0).find(0x80000008, 0).eax());
        assertEquals(48 << 8 | 40, without.forCpu(0).find(0x80000008, 0).eax());
    }

    @Test
    void shouldWarnOfFeaturesThatTheHostLacks() {
        List<MachineWarning> warnings = model(Map.of("sse4_2", true, "avx2", true), 1).warnings();
        assertEquals(List.of(new MachineWarning(MachineWarning.Kind.CPU_FEATURE_NOT_OFFERED, "sse4_2")), warnings);
        assertEquals("-cpu: the accelerator does not offer 'sse4_2'; the guest runs without it",
                ErrorText.of(warnings.getFirst()));
    }

    @Test
    void shouldRefuseWhatIsNotThereOnlyIfThatIsEnforced() {
        MachineException e = assertThrows(MachineException.class,
                () -> model(Map.of("aes", true, "enforce", true), 1));

        assertEquals(MachineException.Kind.MISSING_CPU_FEATURE, e.kind());
        assertEquals("aes", e.subject());
        assertEquals("-cpu: the accelerator does not offer 'aes'; the guest runs without it if enforce is left out",
                ErrorText.of(e).orElseThrow());
        assertEquals(List.of(), model(Map.of("avx2", true, "enforce", true), 1).warnings());
        assertEquals(List.of(), model(Map.of("aes", true, "check", false), 1).warnings());
    }

    @Test
    void shouldKnowQemusOtherNamesOfFeatures() {
        assertEquals(CpuFeature.named("pni"), CpuFeature.named("sse3"));
        assertEquals(CpuFeature.named("nx"), CpuFeature.named("xd"));
        assertEquals(CpuFeature.named("sse4.1"), CpuFeature.named("sse4_1"));
    }

    @Test
    void shouldLeaveThePlainModelToItsOwnFeaturesAndWhatIsSwitchedOn() {
        KvmCpuid2 offered = supported();
        offered.find(1, 0).ecx(1 | 1 << 9 | 1 << 13);   // SSE3, SSSE3, CX16
        offered.find(1, 0).edx(-1);

        KvmCpuid2 plain = new CpuModel(offered, new CpuConfig("qemu64", Map.of()), 1, true).forCpu(0);
        KvmCpuid2 more = new CpuModel(offered, new CpuConfig("qemu64", Map.of("ssse3", true, "avx2", true)), 1, true)
                .forCpu(0);

        assertEquals(0x00060FB1, plain.find(1, 0).eax());
        assertEquals(1 << 31 | 1 << 13 | 1, plain.find(1, 0).ecx());
        assertEquals(0x078BFBFD, plain.find(1, 0).edx());
        assertEquals(0, plain.find(7, 0).ebx());
        assertEquals(1 << 31 | 1 << 13 | 1 << 9 | 1, more.find(1, 0).ecx());
        assertEquals(AVX2_BIT, more.find(7, 0).ebx());
    }

    @Test
    void shouldRefuseUnknownFeaturesByName() {
        MachineException e = assertThrows(MachineException.class, () -> model(Map.of("avx3", true), 1));
        assertEquals(MachineException.Kind.UNKNOWN_CPU_FEATURE, e.kind());
        assertEquals("CPU feature avx3: there is no such feature", e.getMessage());
        assertEquals("-cpu: unknown feature 'avx3'; names are QEMU's, such as avx2 or x2apic",
                ErrorText.of(e).orElseThrow());
    }

    @Test
    void shouldNumberTheCoresOfOneSocket() {
        KvmCpuid2 cpuid = model(Map.of(), 3).forCpu(2);
        assertEquals(2 << 24 | 3 << 16, cpuid.find(1, 0).ebx());
        assertEquals(2, cpuid.find(0xB, 1).eax(), "bits of the APIC id below the socket");
        assertEquals(3, cpuid.find(0xB, 1).ebx());
        assertEquals(2, cpuid.find(0xB, 0).edx());
    }

    @Test
    void shouldNotShareEntriesBetweenCpus() {
        CpuModel model = model(Map.of(), 2);
        KvmCpuid2 first = model.forCpu(0);
        model.forCpu(1);
        assertEquals(0, first.find(1, 0).ebx() >>> 24);
    }
}
