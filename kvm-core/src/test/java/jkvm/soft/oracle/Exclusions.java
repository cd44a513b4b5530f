package jkvm.soft.oracle;

/**
 * Instructions that are not run on the silicon: system calls, those that the kernel emulates or the hypervisor answers,
 * that read the machine (time, CPUID, random numbers), that wait, or that differ only because the host is another
 * machine.
 */
final class Exclusions {
    private Exclusions() {
    }

    static boolean mayRun(Snippet snippet) {
        int value = snippet.opcode.value();
        boolean isLong = snippet.mode == Snippet.Mode.LONG;
        return switch (snippet.opcode.map()) {
            case 0 -> mayRun0(snippet, value, isLong);
            case 1 -> mayRun1(snippet, value);
            default -> true;
        };
    }

    private static boolean mayRun0(Snippet snippet, int value, boolean isLong) {
        int reg = snippet.reg();
        return switch (value) {
            // INT n: the kernel's own gates; the others are its interrupt vectors, with gates of privilege 0
            case 0xCD -> snippet.immediate > 4 && snippet.immediate != 0x80 && snippet.immediate != 0x20;
            // XABORT, XBEGIN
            case 0xC6, 0xC7 -> reg != 7;
            // a load of SS holds back the single step, and lets INT3 pass alone
            case 0x8E -> reg != 2 || !snippet.step;
            case 0x17 -> !snippet.step;
            // far CALL to code of another size is left to FarTransfersTest
            case 0x9A -> selector(snippet) != Windows.CODE64_SELECTOR;
            // 16-bit near branches in 64-bit code: Intel ignores the prefix, AMD obeys it
            case 0xC2, 0xC3, 0xE8, 0xE9, 0xEB -> !(isLong && snippet.operandPrefix);
            case 0xE0, 0xE1, 0xE2, 0xE3 -> !(isLong && snippet.operandPrefix);
            case 0xFF -> !(isLong && snippet.operandPrefix && reg >= 2 && reg <= 5);
            default -> (value & 0xF0) != 0x70 || !(isLong && snippet.operandPrefix);
        };
    }

    /** MOV and POP to FS and GS, LFS, LGS. */
    static boolean loadsFsOrGs(Snippet snippet) {
        int value = snippet.opcode.value();
        return switch (snippet.opcode.map()) {
            case 0 -> value == 0x8E && (snippet.reg() & 6) == 4;
            case 1 -> value == 0xA1 || value == 0xA9 || value == 0xB4 || value == 0xB5;
            default -> false;
        };
    }

    /** Of a far pointer in the instruction. */
    private static int selector(Snippet snippet) {
        return snippet.code[snippet.size - 2] & 0xFF | (snippet.code[snippet.size - 1] & 0xFF) << 8;
    }

    private static boolean mayRun1(Snippet snippet, int value) {
        int reg = snippet.reg();
        boolean memory = snippet.hasMemoryOperand();
        if ((value & 0xF0) == 0x80) {
            return !(snippet.mode == Snippet.Mode.LONG && snippet.operandPrefix);
        }
        return switch (value) {
            // SLDT, STR, SGDT, SIDT, SMSW: emulated by the kernel where UMIP is on
            case 0x00 -> reg == 2 || reg >= 3 && reg <= 5;
            case 0x01 -> memory && (reg == 2 || reg == 3 || reg >= 6);
            case 0xC7 -> memory && reg == 1;
            // XSAVE and its kin tell of the host's own state; UMONITOR, UMWAIT, TPAUSE wait
            case 0xAE -> memory ? reg < 4 || reg == 7
                    : reg < 4 || !snippet.operandPrefix && !snippet.rep && !snippet.repne;
            // MASKMOVQ, MASKMOVDQU: how the segment's limit is checked is not known
            case 0xF7 -> snippet.mode.base() == 0;
            case 0xB2 -> !snippet.step;
            // SYSEXIT is undefined in long mode on AMD, SYSRET in 32-bit code on Intel
            case 0x35 -> false;
            case 0x07 -> snippet.mode == Snippet.Mode.LONG;
            // LOCK MOV CR0 is CR8 on AMD
            case 0x20, 0x22 -> !snippet.lock;
            // MPX and CET are hints on one machine and instructions on another
            case 0x1A, 0x1B, 0x1E -> false;
            default -> true;
        };
    }
}
