package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jkvm.abi.KvmCpuid2;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmRegs;
import jkvm.linux.Syscalls;
import jkvm.machine.config.CpuConfig;
import jkvm.machine.cpu.CpuModel;
import jkvm.soft.Accelerators;
import jkvm.vm.Kvm;
import jkvm.vm.LongModeGuest;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * CPUID of the KVM in Java tells the truth: what a model's bits offer works in a guest, and what they do not offer is
 * refused, {@link CpuidProbe} by probe.
 */
@Timeout(60)
class CpuidTruthTest {
    private static final int DONE_PORT = 0xFF, DONE = 0x2F00, EXCEPTIONS = 32, UD = 6, GP = 13, STRIDE = 16;
    /**
     * Bits without an instruction that is refused without them, by leaf, subleaf and register. Leaf 1, EDX: VME, DE,
     * PSE, PAE, MCE, APIC, SEP (AMD's SYSENTER is #UD in long mode in any case), MTRR, PGE, MCA, PAT, PSE-36. ECX:
     * x2APIC, TSC deadline, hypervisor. Leaf 7: TSC_ADJUST, fast strings, LA57 (long mode cannot change it),
     * ARCH_CAPABILITIES. 80000001h: what repeats leaf 1, extensions of MMX (part of SSE), FFXSR, 1 GiB pages, long
     * mode; ECX: PREFETCHW (long mode has it). 80000008h: IBRS, no bypass of stores.
     */
    private static final Map<List<Integer>, Integer> NO_INSTRUCTION = Map.of(
            List.of(1, 0, 3), 0x0003_7ACE, List.of(1, 0, 2), 0x8120_0000, List.of(7, 0, 1), 0x0000_0202,
            List.of(7, 0, 2), 0x0001_0000, List.of(7, 0, 3), 0x2000_0000,
            List.of(0x8000_0001, 0, 3), 0x0183_F3FF | 0x2640_0000, List.of(0x8000_0001, 0, 2), 0x0000_0100,
            List.of(0xD, 1, 0), 0, List.of(0x8000_0008, 0, 1), 0x0400_4000);
    /** Bits that each processor with 64-bit mode has: without them there is no such guest. */
    private static final List<String> ALWAYS = List.of("FPU", "TSC", "MSR");
    /** KVM takes these out of the guest's hands and does nothing for them, whether CPUID offers them or not. */
    private static final List<String> NO_OPERATION = List.of("MONITOR: monitor", "MONITOR: mwait");

    private final Syscalls soft = Accelerators.open("soft").syscalls();

    private KvmCpuid2 model(String name) {
        try (Kvm kvm = Kvm.open(soft)) {
            return new CpuModel(kvm.supportedCpuid(), new CpuConfig(name, Map.of()), 1, true).forCpu(0);
        }
    }

    /** @return the port that the guest writes to: an exception's number, or {@link #DONE_PORT} */
    private int run(CpuidProbe probe, KvmCpuid2 cpuid) {
        try (LongModeGuest guest = new LongModeGuest(soft, probe.code() + " e6 ff f4", vm -> { })) {
            guest.load(DONE, "e6 ff f4");
            for (int vector = 0; vector < EXCEPTIONS; vector++) {
                guest.gate(vector, LongModeGuest.HANDLER + STRIDE * vector);
                guest.load(LongModeGuest.HANDLER + STRIDE * vector, "e6 %02x f4".formatted(vector));
            }
            guest.vcpu.cpuid(cpuid);
            KvmRegs regs = guest.vcpu.regs();
            regs.rdi(LongModeGuest.DATA);
            regs.rax(LongModeGuest.DATA);
            guest.vcpu.regs(regs);
            assertEquals(KvmExit.IO, guest.vcpu.run(), probe::toString);
            return guest.vcpu.kvmRun().ioPort();
        }
    }

    private static boolean isRefused(int port) {
        return port == UD || port == GP;
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu64", "max", "kvm64", "Haswell", "EPYC-v3"})
    void shouldExecuteWhatCpuidOffersAndRefuseAllElse(String name) {
        KvmCpuid2 cpuid = model(name);
        List<String> lies = new ArrayList<>();
        for (CpuidProbe probe : CpuidProbe.ALL) {
            int port = run(probe, cpuid);
            boolean executes = probe.isIn(cpuid) || NO_OPERATION.contains(probe.name());
            if (executes ? port != DONE_PORT : !isRefused(port)) {
                lies.add("%s: offered %b, port %d".formatted(probe.name(), probe.isIn(cpuid), port));
            }
        }
        assertEquals(List.of(), lies);
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu64", "max"})
    void shouldRefuseWhatIsTakenAway(String name) {
        KvmCpuid2 cpuid = model(name);
        List<String> lies = new ArrayList<>();
        for (CpuidProbe probe : CpuidProbe.ALL) {
            boolean always = ALWAYS.stream().anyMatch(one -> probe.name().startsWith(one + ":"));
            if (!always && probe.isIn(cpuid)) {
                int port = run(probe, probe.takenFrom(cpuid));
                if (!isRefused(port)) {
                    lies.add(probe.name() + ": port " + port);
                }
            }
        }
        assertEquals(List.of(), lies);
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu64", "max"})
    void shouldHaveAProbeForEachBitThatMeansAnInstruction(String name) {
        KvmCpuid2 cpuid = model(name);
        NO_INSTRUCTION.forEach((place, exempt) -> {
            int left = CpuidProbe.value(cpuid, place.get(0), place.get(1), place.get(2)) & ~exempt;
            for (CpuidProbe probe : CpuidProbe.ALL) {
                if (place.equals(List.of(probe.leaf(), probe.subleaf(), probe.register()))) {
                    left &= ~(1 << probe.bit());
                }
            }
            assertEquals(0, left, () -> "leaf, subleaf, register " + place);
        });
    }
}
