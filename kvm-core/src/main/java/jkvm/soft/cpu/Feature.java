package jkvm.soft.cpu;

/** Bits of {@link Cpu#features}: which instructions the vCPU's CPUID offers. Without its bit an encoding is #UD. */
public final class Feature {
    public static final long CMOV = 1L, CX8 = 1L << 1, CX16 = 1L << 2, POPCNT = 1L << 3, LZCNT = 1L << 4,
            BMI1 = 1L << 5, BMI2 = 1L << 6, MOVBE = 1L << 7, ADX = 1L << 8, RDRAND = 1L << 9, RDSEED = 1L << 10,
            FSGSBASE = 1L << 11, RDTSCP = 1L << 12, INVPCID = 1L << 13, CLFLUSH = 1L << 14, CLFLUSHOPT = 1L << 15,
            CLWB = 1L << 16, SYSCALL = 1L << 17, SYSENTER = 1L << 18, XSAVE = 1L << 19, FXSR = 1L << 20,
            SSE = 1L << 21, SSE2 = 1L << 22, SSE3 = 1L << 23, SSSE3 = 1L << 24, SSE41 = 1L << 25, SSE42 = 1L << 26,
            SSE4A = 1L << 27, AES = 1L << 28, PCLMUL = 1L << 29, SHA = 1L << 30, MMX = 1L << 31, FPU = 1L << 32,
            LAHF64 = 1L << 33, MONITOR = 1L << 34, SMAP = 1L << 35, RDPID = 1L << 36, TSC = 1L << 37, MSR = 1L << 38,
            LONG_MODE = 1L << 39, XSAVEOPT = 1L << 40, XSAVEC = 1L << 41, XSAVES = 1L << 42, AVX = 1L << 43,
            AVX2 = 1L << 44, CLZERO = 1L << 45, SMEP = 1L << 46, UMIP = 1L << 47, NX = 1L << 48, PCID = 1L << 49,
            PREFETCHW = 1L << 50, LA57 = 1L << 51, XGETBV1 = 1L << 52;
    /** Everything: what a new {@link Cpu} has until it is given a CPUID. */
    public static final long ALL = -1;

    private Feature() {
    }
}
