package jkvm.soft.irqchip;

/** The local APIC's registers by their offset in its page (SDM volume 3, table 11-1), and bits of them. */
final class ApicRegister {
    static final int ID = 0x20, VERSION = 0x30, TASK_PRIORITY = 0x80, ARBITRATION_PRIORITY = 0x90,
            PROCESSOR_PRIORITY = 0xA0, EOI = 0xB0, LOGICAL_DESTINATION = 0xD0, DESTINATION_FORMAT = 0xE0,
            SPURIOUS_VECTOR = 0xF0, IN_SERVICE = 0x100, TRIGGER_MODE = 0x180, REQUEST = 0x200, ERROR_STATUS = 0x280,
            COMMAND = 0x300, COMMAND_HIGH = 0x310, LVT_TIMER = 0x320, LVT_THERMAL = 0x330, LVT_PERFORMANCE = 0x340,
            LVT_LINT0 = 0x350, LVT_LINT1 = 0x360, LVT_ERROR = 0x370, INITIAL_COUNT = 0x380, CURRENT_COUNT = 0x390,
            DIVIDE_CONFIGURATION = 0x3E0, SELF_IPI = 0x3F0;
    static final int FIRST_LVT = LVT_TIMER, LAST_LVT = LVT_ERROR, STRIDE = 0x10, PAGE_SIZE = 0x1000, STATE_SIZE = 0x400;

    static final int VECTOR_MASK = 0xFF, LVT_MASKED_BIT = 1 << 16, LVT_MODE_MASK = 0x700, LVT_LEVEL_BIT = 1 << 15,
            LVT_PENDING_BIT = 1 << 12, LVT_POLARITY_BIT = 1 << 13, LVT_REMOTE_IRR_BIT = 1 << 14;
    static final int TIMER_PERIODIC_BIT = 1 << 17, TIMER_TSC_DEADLINE_BIT = 1 << 18;
    static final int SPURIOUS_ENABLE_BIT = 1 << 8, SPURIOUS_DIRECTED_EOI_BIT = 1 << 12, SPURIOUS_WRITABLE = 0x3FF;
    static final int VERSION_OF_SIX_LVTS = 0x50014, VERSION_DIRECTED_EOI_BIT = 1 << 24;
    static final int LDR_MASK = 0xFF << 24, DFR_FLAT = -1, DFR_CLUSTER = 0x0FFFFFFF, DIVIDE_MASK = 0xB;
    static final long BASE_BOOT_CPU_BIT = 1 << 8, BASE_X2APIC_BIT = 1 << 10, BASE_ENABLE_BIT = 1 << 11,
            BASE_RESERVED_LOW = 0x2FF, BASE_DEFAULT = 0xFEE00000L;

    private static final int LVT_BASIC = LVT_MASKED_BIT | LVT_PENDING_BIT | VECTOR_MASK;
    private static final int LVT_LINT = LVT_BASIC | LVT_MODE_MASK | LVT_POLARITY_BIT | LVT_REMOTE_IRR_BIT
            | LVT_LEVEL_BIT;

    private ApicRegister() {
    }

    /** True if reads find a register here; what is reserved, or can only be written, reads as zero or faults. */
    static boolean isReadable(int register, boolean x2Apic) {
        return switch (register) {
            case ID, VERSION, TASK_PRIORITY, PROCESSOR_PRIORITY, LOGICAL_DESTINATION, SPURIOUS_VECTOR, ERROR_STATUS,
                    COMMAND, INITIAL_COUNT, CURRENT_COUNT, DIVIDE_CONFIGURATION -> true;
            case ARBITRATION_PRIORITY, DESTINATION_FORMAT, COMMAND_HIGH -> !x2Apic;
            default -> register >= IN_SERVICE && register < ERROR_STATUS
                    || register >= FIRST_LVT && register <= LAST_LVT;
        };
    }

    /** The writable bits of an entry of the local vector table, the timer's mode left out. */
    static int lvtMask(int register) {
        return switch (register) {
            case LVT_LINT0, LVT_LINT1 -> LVT_LINT;
            case LVT_THERMAL, LVT_PERFORMANCE -> LVT_BASIC | LVT_MODE_MASK;
            default -> LVT_BASIC;
        };
    }
}
