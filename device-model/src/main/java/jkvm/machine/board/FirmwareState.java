package jkvm.machine.board;

import jkvm.abi.KvmMsrs;
import jkvm.vm.Vcpu;

/**
 * The memory types, which firmware sets in each CPU and operating systems take for granted. RAM is write-back, the
 * legacy video range and the hole for devices below 4 GiB are uncached (SDM volume 3, section 12.11).
 */
public final class FirmwareState {
    private static final int MTRR_PHYS_BASE_0 = 0x200;
    private static final int MTRR_PHYS_MASK_0 = 0x201;
    private static final int MTRR_FIX_64K = 0x250;
    private static final int MTRR_FIX_16K_80000 = 0x258;
    private static final int MTRR_FIX_16K_A0000 = 0x259;
    private static final int MTRR_FIX_4K_C0000 = 0x268;
    private static final int MTRR_FIX_4K_COUNT = 8;
    private static final int MTRR_DEF_TYPE = 0x2FF;

    private static final int WRITE_BACK = 6;
    private static final long EIGHT_WRITE_BACK = 0x0606060606060606L;
    private static final long EIGHT_WRITE_PROTECTED = 0x0505050505050505L;
    private static final long EIGHT_UNCACHED = 0;
    private static final long ENABLE_BIT = 1 << 11;
    private static final long FIXED_ENABLE_BIT = 1 << 10;
    private static final long MASK_VALID_BIT = 1 << 11;
    private static final long FOUR_GIB = 1L << 32;
    /** Where the hole begins below 4 GiB: SeaBIOS makes it as large as RAM permits. */
    private static final long LARGE_HOLE = 0x80000000L;
    private static final long SMALL_HOLE = 0xC0000000L;

    private FirmwareState() {
    }

    /**
     * Sets the registers of a vCPU that has its CPUID.
     *
     * @param addressBits physical address bits of the guest
     * @param lowEnd      first address after the RAM below 4 GiB
     */
    public static void apply(Vcpu vcpu, int addressBits, long lowEnd) {
        long hole = lowEnd <= LARGE_HOLE ? LARGE_HOLE : SMALL_HOLE;
        KvmMsrs msrs = new KvmMsrs(6 + MTRR_FIX_4K_COUNT);
        int next = 0;
        msrs.set(next++, MTRR_FIX_64K, EIGHT_WRITE_BACK);
        msrs.set(next++, MTRR_FIX_16K_80000, EIGHT_WRITE_BACK);
        msrs.set(next++, MTRR_FIX_16K_A0000, EIGHT_UNCACHED);
        for (int i = 0; i < MTRR_FIX_4K_COUNT; i++) {
            msrs.set(next++, MTRR_FIX_4K_C0000 + i, EIGHT_WRITE_PROTECTED);
        }
        msrs.set(next++, MTRR_PHYS_BASE_0, hole);
        msrs.set(next++, MTRR_PHYS_MASK_0, (1L << addressBits) - (FOUR_GIB - hole) | MASK_VALID_BIT);
        msrs.set(next, MTRR_DEF_TYPE, ENABLE_BIT | FIXED_ENABLE_BIT | WRITE_BACK);
        vcpu.writeMsrs(msrs);
    }
}
