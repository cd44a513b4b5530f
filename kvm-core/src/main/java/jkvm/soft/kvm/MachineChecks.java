package jkvm.soft.kvm;

import jkvm.abi.KvmX86Mce;

/**
 * The machine check banks of a vCPU (SDM 16.3; KVM_X86_SETUP_MCE, KVM_X86_SET_MCE). A vCPU that was not set up has
 * KVM's default: 32 banks, all errors reported.
 */
final class MachineChecks {
    /** Features in MCG_CAP that user space may ask for: MCG_CTL_P, MCG_SER_P. */
    static final long SUPPORTED = 1L << 8 | 1L << 24;
    /** IA32_MCG_CAP, MCG_STATUS, MCG_CTL; the banks' registers begin at MC0_CTL, four each: CTL, STATUS, ADDR, MISC. */
    static final int MCG_CAP = 0x179, MCG_STATUS = 0x17A, MCG_CTL = 0x17B, MC0_CTL = 0x400;
    /** Answers of {@link #inject}: the vCPU gets #MC; it shuts down. */
    static final int RAISE = 1, SHUTDOWN = 2;
    private static final long VALID = 1L << 63, UNCORRECTED = 1L << 61, OVERFLOW = 1L << 62;
    private static final long IN_PROGRESS = 4, CONTROL_PRESENT = 1L << 8;
    private static final int BANK_REGISTERS = 4, CTL = 0, STATUS = 1, ADDRESS = 2, MISC = 3;

    private long capability = Capabilities.MCE_BANKS;
    private long status;
    private long control;
    private final long[] banks = new long[Capabilities.MCE_BANKS * BANK_REGISTERS];

    /** KVM_X86_SETUP_MCE. */
    long setUp(long mcgCap) {
        int count = (int) mcgCap & 0xFF;
        if (count == 0 || count > Capabilities.MCE_BANKS || (mcgCap & ~(SUPPORTED | 0xFF | 0xFF0000)) != 0) {
            return NegatedErrno.EINVAL;
        }
        capability = mcgCap;
        if ((mcgCap & CONTROL_PRESENT) != 0) {
            control = -1;
        }
        for (int bank = 0; bank < count; bank++) {
            banks[bank * BANK_REGISTERS + CTL] = -1;
        }
        return 0;
    }

    /**
     * KVM_X86_SET_MCE: notes an error in its bank.
     *
     * @param enabled CR4.MCE
     * @return zero, a negated errno, or one of {@link #RAISE} and {@link #SHUTDOWN}
     */
    long inject(long address, boolean enabled) {
        int bank = ProcessMemory.getByte(address + KvmX86Mce.BANK_OFFSET) & 0xFF;
        long error = ProcessMemory.getLong(address + KvmX86Mce.STATUS_OFFSET);
        if (bank >= (capability & 0xFF) || (error & VALID) == 0) {
            return NegatedErrno.EINVAL;
        }
        int base = bank * BANK_REGISTERS;
        boolean uncorrected = (error & UNCORRECTED) != 0;
        if (uncorrected && (capability & CONTROL_PRESENT) != 0 && control != -1
                || uncorrected && banks[base + CTL] != -1) {
            return 0;
        }
        if (uncorrected && ((status & IN_PROGRESS) != 0 || !enabled)) {
            return SHUTDOWN;
        }
        boolean occupied = (banks[base + STATUS] & VALID) != 0;
        if (!uncorrected && occupied && (banks[base + STATUS] & UNCORRECTED) != 0) {
            banks[base + STATUS] |= OVERFLOW;
            return 0;
        }
        banks[base + ADDRESS] = ProcessMemory.getLong(address + KvmX86Mce.ADDR_OFFSET);
        banks[base + MISC] = ProcessMemory.getLong(address + KvmX86Mce.MISC_OFFSET);
        banks[base + STATUS] = occupied ? error | OVERFLOW : error;
        if (uncorrected) {
            status = ProcessMemory.getLong(address + KvmX86Mce.MCG_STATUS_OFFSET);
            return RAISE;
        }
        return 0;
    }

    /** True for the registers of this class. */
    boolean has(int index) {
        return index == MCG_CAP || index == MCG_STATUS || index == MCG_CTL && (capability & CONTROL_PRESENT) != 0
                || index >= MC0_CTL && index < MC0_CTL + (capability & 0xFF) * BANK_REGISTERS;
    }

    long read(int index) {
        return switch (index) {
            case MCG_CAP -> capability;
            case MCG_STATUS -> status;
            case MCG_CTL -> control;
            default -> banks[index - MC0_CTL];
        };
    }

    /** @return false where the value is refused */
    boolean write(int index, long value, boolean byUser) {
        switch (index) {
            case MCG_CAP -> {
                return false;
            }
            case MCG_STATUS -> status = value;
            case MCG_CTL -> {
                if (value != 0 && value != -1) {
                    return false;
                }
                control = value;
            }
            default -> {
                int register = index - MC0_CTL;
                int kind = register % BANK_REGISTERS;
                if (kind == CTL && value != 0 && (value | 1L << 10 | 1) != -1
                        || kind == STATUS && !byUser && value != 0) {
                    return false;
                }
                banks[register] = value;
            }
        }
        return true;
    }
}
