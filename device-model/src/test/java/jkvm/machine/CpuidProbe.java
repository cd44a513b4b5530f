package jkvm.machine;

import java.util.List;
import jkvm.abi.KvmCpuid2;
import jkvm.abi.KvmCpuidEntry2;

/**
 * A bit of CPUID and code that works with it only; without, it ends in #UD or #GP. Runs at CPL 0 in 64-bit mode with
 * RDI and RAX at 4 KiB of zeros, and all other registers zero.
 *
 * @param register 0 EAX, 1 EBX, 2 ECX, 3 EDX
 * @param code     in hexadecimal, spaces allowed
 */
record CpuidProbe(String name, int leaf, int subleaf, int register, int bit, String code) {
    /** mov rcx, cr4; or ecx, 1 << 18; mov cr4, rcx: OSXSAVE. */
    private static final String OSXSAVE = "0f 20 e1 81 c9 00 00 04 00 0f 22 e1 ";

    static final List<CpuidProbe> ALL = List.of(
            edx(0, "FPU: fld1", "d9 e8"),
            edx(4, "TSC: rdtsc", "0f 31"),
            edx(5, "MSR: rdmsr of 0x10", "b9 10 00 00 00 0f 32"),
            edx(8, "CX8: cmpxchg8b", "0f c7 0f"),
            edx(15, "CMOV: cmovz", "0f 44 c0"),
            edx(15, "CMOV: fcmovb", "db c0"),
            edx(19, "CLFLUSH: clflush", "0f ae 3f"),
            edx(23, "MMX: paddb", "0f fc c0"),
            edx(24, "FXSR: fxsave", "0f ae 07"),
            edx(25, "SSE: xorps", "0f 57 c0"),
            edx(26, "SSE2: xorpd", "66 0f 57 c0"),
            ecx(0, "SSE3: haddps", "f2 0f 7c c0"),
            ecx(1, "PCLMULQDQ: pclmulqdq", "66 0f 3a 44 c0 00"),
            ecx(3, "MONITOR: monitor", "0f 01 c8"),
            ecx(3, "MONITOR: mwait", "0f 01 c9"),
            ecx(5, "VMX: vmread", "0f 78 c0"),
            ecx(9, "SSSE3: pshufb", "66 0f 38 00 c0"),
            ecx(12, "FMA: vfmadd132ps", OSXSAVE + "c4 e2 71 98 c0"),
            ecx(13, "CX16: cmpxchg16b", "48 0f c7 0f"),
            ecx(17, "PCID: CR4.PCIDE", cr4(17)),
            ecx(19, "SSE4.1: ptest", "66 0f 38 17 c0"),
            ecx(20, "SSE4.2: pcmpgtq", "66 0f 38 37 c0"),
            ecx(20, "SSE4.2: crc32", "f2 0f 38 f0 c0"),
            ecx(22, "MOVBE: movbe", "0f 38 f0 07"),
            ecx(23, "POPCNT: popcnt", "f3 0f b8 c0"),
            ecx(25, "AES: aesenc", "66 0f 38 dc c0"),
            ecx(26, "XSAVE: xsave", OSXSAVE + "31 d2 b8 03 00 00 00 0f ae 27"),
            ecx(26, "XSAVE: xgetbv", OSXSAVE + "31 c9 0f 01 d0"),
            ecx(28, "AVX: vxorps", OSXSAVE + "c5 f8 57 c0"),
            ecx(29, "F16C: vcvtph2ps", OSXSAVE + "c4 e2 79 13 c0"),
            ecx(30, "RDRAND: rdrand", "0f c7 f0"),
            ebx7(0, "FSGSBASE: rdfsbase", cr4(16) + " f3 0f ae c0"),
            ebx7(2, "SGX: enclu", "0f 01 d7"),
            ebx7(3, "BMI1: andn", "c4 e2 78 f2 c0"),
            // xor eax, eax; xor ecx, ecx; tzcnt ecx, eax; 32, where bsf leaves zero: test ecx, ecx; jnz +2; ud2
            ebx7(3, "BMI1: tzcnt", "31 c0 31 c9 f3 0f bc c8 85 c9 75 02 0f 0b"),
            ebx7(5, "AVX2: vpaddd ymm", OSXSAVE + "c5 fd fe c0"),
            ebx7(7, "SMEP: CR4.SMEP", cr4(20)),
            ebx7(8, "BMI2: shlx", "c4 e2 f9 f7 c0"),
            ebx7(10, "INVPCID: invpcid", "48 c7 c0 02 00 00 00 66 0f 38 82 07"),
            ebx7(11, "RTM: xbegin", "c7 f8 00 00 00 00"),
            ebx7(16, "AVX512F: vaddps zmm", OSXSAVE + "62 f1 7c 48 58 c0"),
            ebx7(18, "RDSEED: rdseed", "0f c7 f8"),
            ebx7(19, "ADX: adcx", "66 0f 38 f6 c0"),
            ebx7(19, "ADX: adox", "f3 0f 38 f6 c0"),
            ebx7(20, "SMAP: stac", "0f 01 cb"),
            ebx7(20, "SMAP: CR4.SMAP", cr4(21)),
            ebx7(23, "CLFLUSHOPT: clflushopt", "66 0f ae 3f"),
            ebx7(24, "CLWB: clwb", "66 0f ae 37"),
            ebx7(29, "SHA: sha1nexte", "0f 38 c8 c0"),
            ecx7(2, "UMIP: CR4.UMIP", cr4(11)),
            ecx7(3, "PKU: rdpkru", cr4(22) + " 31 c9 0f 01 ee"),
            ecx7(5, "WAITPKG: umonitor", "f3 0f ae f0"),
            ecx7(8, "GFNI: gf2p8mulb", "66 0f 38 cf c0"),
            ecx7(22, "RDPID: rdpid", "f3 0f c7 f8"),
            ecx7(27, "MOVDIRI: movdiri", "0f 38 f9 07"),
            ecx7(28, "MOVDIR64B: movdir64b", "66 0f 38 f8 07"),
            ecx7(29, "ENQCMD: enqcmd", "f2 0f 38 f8 07"),
            of(7, 3, 5, "UINTR: clui", "f3 0f 01 ee"),
            of(7, 3, 14, "SERIALIZE: serialize", "0f 01 e8"),
            state(0, "XSAVEOPT: xsaveopt", "31 d2 b8 03 00 00 00 0f ae 37"),
            state(1, "XSAVEC: xsavec", "31 d2 b8 03 00 00 00 0f c7 27"),
            state(2, "XGETBV1: xgetbv of 1", "b9 01 00 00 00 0f 01 d0"),
            state(3, "XSAVES: xsaves", "31 d2 b8 03 00 00 00 0f c7 2f"),
            state(3, "XSAVES: xrstors", "31 d2 b8 03 00 00 00 0f c7 1f"),
            state(3, "XSAVES: rdmsr of IA32_XSS", "b9 a0 0d 00 00 0f 32"),
            // mov ecx, 0xc0000080; rdmsr; or eax, 1; wrmsr; LSTAR = 0x2f00; syscall
            extended(3, 11, "SYSCALL: syscall", "b9 80 00 00 c0 0f 32 83 c8 01 0f 30 "
                    + "b9 82 00 00 c0 b8 00 2f 00 00 31 d2 0f 30 0f 05"),
            // mov ecx, 0xc0000080; rdmsr; or eax, 0x800; wrmsr
            extended(3, 20, "NX: EFER.NXE", "b9 80 00 00 c0 0f 32 0d 00 08 00 00 0f 30"),
            extended(3, 27, "RDTSCP: rdtscp", "0f 01 f9"),
            extended(3, 31, "3DNow!: pfadd", "0f 0f c0 9e"),
            extended(2, 0, "LAHF in 64-bit mode: lahf", "9f"),
            extended(2, 2, "SVM: vmrun", "0f 01 d8"),
            extended(2, 2, "SVM: stgi", "0f 01 dc"),
            // mov eax, 1; lzcnt ecx, eax; 31, where bsr gives zero: test ecx, ecx; jnz +2; ud2
            extended(2, 5, "LZCNT: lzcnt", "b8 01 00 00 00 f3 0f bd c8 85 c9 75 02 0f 0b"),
            extended(2, 6, "SSE4A: extrq by register", "66 0f 79 c0"),
            extended(2, 6, "SSE4A: extrq by immediate", "66 0f 78 c0 04 04"),
            extended(2, 6, "SSE4A: insertq by register", "f2 0f 79 c0"),
            extended(2, 6, "SSE4A: insertq by immediate", "f2 0f 78 c0 04 04"),
            extended(2, 6, "SSE4A: movntss", "f3 0f 2b 07"),
            extended(2, 6, "SSE4A: movntsd", "f2 0f 2b 07"),
            extended(2, 11, "XOP: vprotb", OSXSAVE + "8f e8 78 c0 c0 00"),
            extended(2, 16, "FMA4: vfmaddps", OSXSAVE + "c4 e3 79 68 c0 00"),
            extended(2, 21, "TBM: blcfill", "8f e9 78 01 c8"),
            of(0x8000_0008, 1, 0, "CLZERO: clzero", "0f 01 fc"),
            of(0x8000_0008, 1, 3, "INVLPGB: invlpgb", "0f 01 fe"),
            of(0x8000_0008, 1, 4, "RDPRU: rdpru", "0f 01 fd"),
            of(0x8000_0008, 1, 8, "MCOMMIT: mcommit", "f3 0f 01 fa"));

    private static CpuidProbe of(int leaf, int register, int bit, String name, String code) {
        return new CpuidProbe(name, leaf, 0, register, bit, code);
    }

    private static CpuidProbe edx(int bit, String name, String code) {
        return of(1, 3, bit, name, code);
    }

    private static CpuidProbe ecx(int bit, String name, String code) {
        return of(1, 2, bit, name, code);
    }

    private static CpuidProbe ebx7(int bit, String name, String code) {
        return of(7, 1, bit, name, code);
    }

    private static CpuidProbe ecx7(int bit, String name, String code) {
        return of(7, 2, bit, name, code);
    }

    private static CpuidProbe extended(int register, int bit, String name, String code) {
        return of(0x8000_0001, register, bit, name, code);
    }

    private static CpuidProbe state(int bit, String name, String code) {
        return new CpuidProbe(name, 0xD, 1, 0, bit, OSXSAVE + code);
    }

    /** Sets a bit of CR4: mov rcx, cr4; bts ecx, bit; mov cr4, rcx. */
    private static String cr4(int bit) {
        return "0f 20 e1 0f ba e9 %02x 0f 22 e1".formatted(bit);
    }

    static int value(KvmCpuid2 cpuid, int leaf, int subleaf, int register) {
        KvmCpuidEntry2 entry = cpuid.find(leaf, subleaf);
        if (entry == null) {
            return 0;
        }
        return switch (register) {
            case 0 -> entry.eax();
            case 1 -> entry.ebx();
            case 2 -> entry.ecx();
            default -> entry.edx();
        };
    }

    boolean isIn(KvmCpuid2 cpuid) {
        return (value(cpuid, leaf, subleaf, register) >>> bit & 1) != 0;
    }

    /** A copy without the bit. */
    KvmCpuid2 takenFrom(KvmCpuid2 cpuid) {
        KvmCpuid2 copy = cpuid.copy(0);
        KvmCpuidEntry2 entry = copy.find(leaf, subleaf);
        int mask = ~(1 << bit);
        switch (register) {
            case 0 -> entry.eax(entry.eax() & mask);
            case 1 -> entry.ebx(entry.ebx() & mask);
            case 2 -> entry.ecx(entry.ecx() & mask);
            default -> entry.edx(entry.edx() & mask);
        }
        return copy;
    }
}
