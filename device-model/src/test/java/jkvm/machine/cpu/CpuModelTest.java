package jkvm.machine.cpu;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        assertEquals(List.of(new MachineWarning(MachineWarning.Kind.CPU_FEATURE_NOT_OFFERED,
                "CPUID.01H:ECX.sse4.2 [bit 20]")), warnings);
        assertEquals("host doesn't support requested feature: CPUID.01H:ECX.sse4.2 [bit 20]",
                ErrorText.of(warnings.getFirst()));
    }

    @Test
    void shouldRefuseWhatIsNotThereOnlyIfThatIsEnforced() {
        MachineException e = assertThrows(MachineException.class,
                () -> model(Map.of("aes", true, "enforce", true), 1));

        assertEquals(MachineException.Kind.MISSING_CPU_FEATURE, e.kind());
        assertEquals("CPUID.01H:ECX.aes [bit 25]", e.subject());
        assertEquals("-cpu: host doesn't support requested feature: CPUID.01H:ECX.aes [bit 25];"
                + " leave enforce out to run without it",
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

    private static KvmCpuid2 leaves(String model, Map<String, Boolean> switches, Map<String, String> values) {
        return new CpuModel(CpuDefinitionsTest.everything(), new CpuConfig(model, switches, values), 1, true).forCpu(0);
    }

    @Test
    void shouldTakeIdentityLevelsAndAddressSizesFromProperties() {
        Map<String, String> values = Map.of("vendor", "GenuineIntel", "family", "21", "model", "0x15", "stepping", "3",
                "level", "0xb", "xlevel", "0x80000008", "phys-bits", "44", "model-id", "A processor");

        KvmCpuid2 cpuid = leaves("qemu64", Map.of(), values);

        assertEquals(0x00610F53, cpuid.find(1, 0).eax());
        assertEquals(0xB, cpuid.find(0, 0).eax());
        assertEquals(0x756E6547, cpuid.find(0, 0).ebx(), "Genu");
        assertEquals(0x80000008, cpuid.find(0x80000000, 0).eax());
        assertEquals(44, cpuid.find(0x80000008, 0).eax() & 0xFF);
        assertEquals(0x72702041, cpuid.find(0x80000002, 0).eax(), "A pr");
    }

    @Test
    void shouldHideTheHypervisorsLeavesOnRequestAndTheBitOnlyByItsName() {
        KvmCpuid2 hidden = leaves("Haswell", Map.of("kvm", false), Map.of());
        KvmCpuid2 silent = leaves("Haswell", Map.of("hypervisor", false), Map.of());

        assertEquals(0, hidden.find(0x40000001, 0).eax());
        assertEquals(1, hidden.find(1, 0).ecx() >>> 31);
        assertEquals(0, silent.find(1, 0).ecx() >>> 31);
    }

    /** QEMU gives the bits of both kinds of kvmclock one name. */
    @Test
    void shouldSwitchBothKindsOfKvmclockByOneName() {
        int both = 1 | 1 << 3;

        assertEquals(both, leaves("qemu64", Map.of(), Map.of()).find(0x40000001, 0).eax() & both);
        assertEquals(0, leaves("qemu64", Map.of("kvmclock", false), Map.of()).find(0x40000001, 0).eax() & both);
    }

    @Test
    void shouldSayThatHyperVIsAbsentAndRunWithout() {
        CpuConfig config = new CpuConfig("host", Map.of("hv_relaxed", true, "hv_time", false),
                Map.of("hv-spinlocks", "0x1fff"));

        List<MachineWarning> warnings = new CpuModel(supported(), config, 1, true).warnings();

        assertEquals(List.of("-cpu: not yet: hv_relaxed; the guest runs without it",
                "-cpu: not yet: hv-spinlocks; the guest runs without it"),
                warnings.stream().map(ErrorText::of).toList());
    }

    @ParameterizedTest
    @CsvSource({"phys-bits, 20, it should be between 32 and 52", "phys-bits, 50, the accelerator has 46",
        "vendor, Me, a vendor has 12 letters", "family, x, it takes a number from 0 to 270",
        "avx2, maybe, it is on or off"})
    void shouldRefuseValuesThatAPropertyCannotHave(String name, String value, String reason) {
        MachineException e = assertThrows(MachineException.class,
                () -> leaves("qemu64", Map.of(), Map.of(name, value)));
        assertEquals("-cpu: " + name + "=" + value + ": " + reason, ErrorText.of(e).orElseThrow());
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
