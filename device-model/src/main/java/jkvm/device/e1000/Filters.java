package jkvm.device.e1000;

import java.nio.ByteBuffer;

/** Decides which frames are for the guest (manual section 10.1, registers 13.5). Guarded by the device's lock. */
final class Filters {
    /** The answers of {@link #match}: an inexact match is one by the multicast table alone. */
    enum Match { NONE, EXACT, INEXACT }

    static final int TYPE_OFFSET = 12;
    private static final int TAG_OFFSET = 14;
    private static final int TAG_END = 16;
    private static final int TAG_CFI_BIT = 1 << 12;

    private final RegisterFile registers;

    Filters(RegisterFile registers) {
        this.registers = registers;
    }

    /** True if the frame carries a tag of the type in VET. */
    boolean isTagged(ByteBuffer frame, int length) {
        return length >= TAG_END
                && (frame.getShort(TYPE_OFFSET) & 0xFFFF) == (registers.get(RegisterMap.VET_OFFSET) & 0xFFFF);
    }

    static boolean isBroadcast(ByteBuffer frame) {
        return frame.getInt(0) == -1 && frame.getShort(4) == -1;
    }

    static boolean isMulticast(ByteBuffer frame) {
        return (frame.get(0) & 1) != 0;
    }

    /** @param length at least six */
    Match match(ByteBuffer frame, int length) {
        int control = registers.get(RegisterMap.RCTL_OFFSET);
        if (!passesVlanFilter(control, frame, length)) {
            return Match.NONE;
        }
        boolean multicast = isMulticast(frame);
        if (multicast && isBroadcast(frame) && (control & RegisterMap.RCTL_BAM_BIT) != 0 || isExact(frame)) {
            return Match.EXACT;
        }
        if ((control & (multicast ? RegisterMap.RCTL_MPE_BIT : RegisterMap.RCTL_UPE_BIT)) != 0) {
            return Match.EXACT;
        }
        return multicast && isInTable(control, frame) ? Match.INEXACT : Match.NONE;
    }

    private boolean passesVlanFilter(int control, ByteBuffer frame, int length) {
        if ((control & RegisterMap.RCTL_VFE_BIT) == 0 || !isTagged(frame, length)) {
            return true;
        }
        int tag = frame.getShort(TAG_OFFSET) & 0xFFFF;
        if ((control & RegisterMap.RCTL_CFIEN_BIT) != 0
                && (tag & TAG_CFI_BIT) != 0 != ((control & RegisterMap.RCTL_CFI_BIT) != 0)) {
            return false;
        }
        int word = registers.get(RegisterMap.VFTA_OFFSET + (tag >>> 5 & RegisterMap.TABLE_WORDS - 1) * Integer.BYTES);
        return (word >>> (tag & 31) & 1) != 0;
    }

    private boolean isExact(ByteBuffer frame) {
        int low = Integer.reverseBytes(frame.getInt(0));
        int high = Short.reverseBytes(frame.getShort(4)) & 0xFFFF;
        for (int i = 0; i < RegisterMap.ADDRESSES; i++) {
            int offset = RegisterMap.RAL_OFFSET + i * 2 * Integer.BYTES;
            int addressHigh = registers.get(offset + Integer.BYTES);
            if ((addressHigh & RegisterMap.RAH_AV_BIT) != 0 && (addressHigh & 0xFFFF) == high
                    && registers.get(offset) == low) {
                return true;
            }
        }
        return false;
    }

    private boolean isInTable(int control, ByteBuffer frame) {
        int end = frame.get(4) & 0xFF | (frame.get(5) & 0xFF) << 8;
        int shift = switch (control >>> RegisterMap.RCTL_MO_SHIFT & 3) {
            case 0 -> 4;
            case 1 -> 3;
            case 2 -> 2;
            default -> 0;
        };
        int hash = end >>> shift & 0xFFF;
        return (registers.get(RegisterMap.MTA_OFFSET + (hash >>> 5) * Integer.BYTES) >>> (hash & 31) & 1) != 0;
    }
}
