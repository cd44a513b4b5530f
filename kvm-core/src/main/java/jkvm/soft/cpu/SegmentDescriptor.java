package jkvm.soft.cpu;

/**
 * A segment descriptor or gate as it was read from a descriptor table (SDM vol. 3, 3.4.5, 5.8, 7.11; in long mode 5.2.1
 * and 5.8.3.1). Read once: the values that are checked are the ones that are used.
 */
final class SegmentDescriptor {
    /** Types of system descriptors. Those of gates and TSS with 8 set are 32-bit, and 64-bit in long mode. */
    static final int TSS_16 = 1, LDT = 2, TSS_16_BUSY = 3, CALL_GATE_16 = 4, TASK_GATE = 5, INTERRUPT_GATE_16 = 6,
            TRAP_GATE_16 = 7, TSS_32 = 9, TSS_32_BUSY = 11, CALL_GATE_32 = 12, INTERRUPT_GATE_32 = 14,
            TRAP_GATE_32 = 15;

    int selector;
    /** Linear address of the entry. */
    long address;
    /** The entry's eight bytes, and the next eight where it has sixteen. */
    long low, high;

    /** Attributes as in {@link Segment#access}. */
    int access() {
        return (int) (low >>> 40) & 0xF0FF;
    }

    boolean isSystem() {
        return (low & 1L << 44) == 0;
    }

    /** Type, four bits. */
    int type() {
        return (int) (low >>> 40) & 15;
    }

    int dpl() {
        return (int) (low >>> 45) & 3;
    }

    boolean isPresent() {
        return (low & 1L << 47) != 0;
    }

    boolean isCode() {
        return (low & 0x18L << 40) == 0x18L << 40;
    }

    /** Of a code segment. */
    boolean isConforming() {
        return (low & 4L << 40) != 0;
    }

    /** Of a code segment: readable; of a data segment: writable. */
    boolean isReadableOrWritable() {
        return (low & 2L << 40) != 0;
    }

    boolean isLong() {
        return (low & 1L << 53) != 0;
    }

    boolean isBig() {
        return (low & 1L << 54) != 0;
    }

    int rpl() {
        return selector & 3;
    }

    /** The base of a segment; with the upper half of a long-mode system descriptor. */
    long base() {
        return low >>> 16 & 0xFFFFFF | low >>> 32 & 0xFF000000L | high << 32;
    }

    /** Last valid offset, granularity applied. */
    long limit() {
        long limit = low & 0xFFFF | low >>> 32 & 0xF0000;
        return (low & 1L << 55) != 0 ? limit << 12 | 0xFFF : limit;
    }

    int gateSelector() {
        return (int) (low >>> 16) & 0xFFFF;
    }

    /** Offset of a 16-bit, 32-bit or, with the upper half, 64-bit gate. */
    long gateOffset() {
        long offset = low & 0xFFFF;
        if ((low & 8L << 40) != 0) {
            offset |= low >>> 32 & 0xFFFF0000L;
        }
        return offset | high << 32;
    }

    /** Of a call gate: parameters to copy. */
    int gateParameters() {
        return (int) (low >>> 32) & 0x1F;
    }

    /** Of a long-mode interrupt gate: number of the interrupt stack, 0 for none. */
    int gateStack() {
        return (int) (low >>> 32) & 7;
    }
}
