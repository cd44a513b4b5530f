package jkvm.machine.cpu;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import jkvm.machine.cpu.CpuidRegister.Name;

/**
 * CPU features by the names that QEMU gives them in {@code -cpu host,+NAME,-NAME}: one bit of one CPUID
 * register, or several that have one name and are switched together.
 *
 * @param register the register that holds the bits
 * @param mask     the bits
 * @param name     QEMU's first name for it
 */
record CpuFeature(CpuidRegister register, int mask, String name) {

    /** The names of one register's bits from bit 0 on, a dash where a bit has none. */
    private record Word(CpuidRegister register, String names) {
        Word(int leaf, int subleaf, Name register, String names) {
            this(new CpuidRegister(leaf, subleaf, register), names);
        }

        List<String> bits() {
            return List.of(names.replace('\n', ' ').split(" "));
        }
    }

    private static final String NONE = "-";

    private static final List<Word> WORDS = List.of(
            new Word(1, 0, Name.EDX, """
                    fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat pse36 pn clflush - ds acpi
                    mmx fxsr sse sse2 ss ht tm ia64 pbe"""),
            new Word(1, 0, Name.ECX, """
                    pni pclmulqdq dtes64 monitor ds-cpl vmx smx est tm2 ssse3 cid - fma cx16 xtpr pdcm - pcid dca
                    sse4.1 sse4.2 x2apic movbe popcnt tsc-deadline aes xsave - avx f16c rdrand hypervisor"""),
            new Word(7, 0, Name.EBX, """
                    fsgsbase tsc-adjust sgx bmi1 hle avx2 - smep bmi2 erms invpcid rtm - - mpx - avx512f avx512dq
                    rdseed adx smap avx512ifma - clflushopt clwb intel-pt avx512pf avx512er avx512cd sha-ni avx512bw
                    avx512vl"""),
            new Word(7, 0, Name.ECX, """
                    - avx512vbmi umip pku ospke waitpkg avx512vbmi2 - gfni vaes vpclmulqdq avx512vnni avx512bitalg -
                    avx512-vpopcntdq - la57 - - - - - rdpid - bus-lock-detect cldemote - movdiri movdir64b - sgxlc
                    pks"""),
            new Word(7, 0, Name.EDX, """
                    - - avx512-4vnniw avx512-4fmaps fsrm - - - avx512-vp2intersect - md-clear - - - serialize -
                    tsx-ldtrk - - arch-lbr - - amx-bf16 avx512-fp16 amx-tile amx-int8 spec-ctrl stibp -
                    arch-capabilities core-capability ssbd"""),
            new Word(7, 1, Name.EAX, """
                    - - - - avx-vnni avx512-bf16"""),
            new Word(0x80000001, 0, Name.EDX, """
                    - - - - - - - - - - - syscall - - - - - - - - nx - mmxext - - fxsr-opt pdpe1gb rdtscp - lm
                    3dnowext 3dnow"""),
            new Word(0x80000001, 0, Name.ECX, """
                    lahf-lm cmp-legacy svm extapic cr8legacy abm sse4a misalignsse 3dnowprefetch osvw ibs xop skinit
                    wdt - lwp fma4 tce - nodeid-msr - tbm topoext perfctr-core perfctr-nb"""),
            new Word(13, 1, Name.EAX, """
                    xsaveopt xsavec xgetbv1 xsaves xfd"""),
            new Word(6, 0, Name.EAX, """
                    - - arat"""),
            new Word(0x80000007, 0, Name.EDX, """
                    - - - - - - - - invtsc"""),
            new Word(0x80000008, 0, Name.EBX, """
                    clzero - xsaveerptr - - - - - - wbnoinvd - - ibpb - ibrs amd-stibp - - - - - - - - amd-ssbd
                    virt-ssbd amd-no-ssb"""),
            new Word(0x8000000A, 0, Name.EDX, """
                    npt lbrv svm-lock nrip-save tsc-scale vmcb-clean flushbyasid decodeassists - - pause-filter -
                    pfthreshold avic - v-vmsave-vmload vgif"""),
            new Word(0x40000001, 0, Name.EAX, """
                    kvmclock kvm-nopiodelay kvm-mmu kvmclock kvm-asyncpf kvm-steal-time kvm-pv-eoi kvm-pv-unhalt -
                    kvm-pv-tlb-flush - kvm-pv-ipi kvm-poll-control kvm-pv-sched-yield kvm-asyncpf-int
                    kvm-msi-ext-dest-id - - - - - - - - kvmclock-stable-bit"""));

    /** QEMU's other names of some, and one that only jkvm had. */
    private static final Map<String, String> ALIASES = Map.of("sse3", "pni", "pclmuldq", "pclmulqdq", "xd", "nx",
            "ffxsr", "fxsr-opt", "i64", "lm", "kvmclock2", "kvmclock");

    private static final Map<String, CpuFeature> BY_NAME = index();

    /** The feature of a name; underscores count as dashes, and sse4_1 as sse4.1, as QEMU has it. */
    static Optional<CpuFeature> named(String name) {
        String dashed = name.replace('_', '-').replace("sse4-", "sse4.");
        String wanted = ALIASES.getOrDefault(dashed, dashed);
        return Optional.ofNullable(BY_NAME.get(wanted));
    }

    private static Map<String, CpuFeature> index() {
        Map<String, CpuFeature> byName = new HashMap<>();
        for (Word word : WORDS) {
            List<String> names = word.bits();
            for (int bit = 0; bit < names.size(); bit++) {
                byName.merge(names.get(bit), new CpuFeature(word.register, 1 << bit, names.get(bit)),
                        CpuFeature::with);
            }
        }
        byName.remove(NONE);
        return Map.copyOf(byName);
    }

    /** The registers that hold features, in QEMU's order. */
    static List<CpuidRegister> registers() {
        return WORDS.stream().map(Word::register).toList();
    }

    /** The features whose bits are set in a register's value; bits without a name are left out. */
    static List<CpuFeature> in(CpuidRegister register, int value) {
        CpuFeature[] found = new CpuFeature[Integer.SIZE];
        for (CpuFeature feature : value == 0 ? List.<CpuFeature>of() : BY_NAME.values()) {
            if (feature.register.equals(register) && (value & feature.mask()) != 0) {
                found[feature.lowestBit()] = feature;
            }
        }
        return Arrays.stream(found).filter(Objects::nonNull).toList();
    }

    /** All names, in alphabetical order. */
    static List<String> names() {
        return BY_NAME.keySet().stream().sorted().toList();
    }

    private CpuFeature with(CpuFeature other) {
        return new CpuFeature(register, mask | other.mask, name);
    }

    private int lowestBit() {
        return Integer.numberOfTrailingZeros(mask);
    }

    /** As QEMU writes it in messages: {@code CPUID.07H:EBX.avx2 [bit 5]}. */
    @Override
    public String toString() {
        return register + "." + name + " [bit " + lowestBit() + "]";
    }
}
