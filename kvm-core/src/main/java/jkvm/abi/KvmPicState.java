package jkvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_pic_state}: one 8259A. Lies inside {@link KvmIrqchip}. */
public final class KvmPicState extends KvmStruct {
    public static final long SIZE = 16;
    public static final long LAST_IRR_OFFSET = 0;
    public static final long IRR_OFFSET = 1;
    public static final long IMR_OFFSET = 2;
    public static final long ISR_OFFSET = 3;
    public static final long PRIORITY_ADD_OFFSET = 4;
    public static final long IRQ_BASE_OFFSET = 5;
    public static final long READ_REG_SELECT_OFFSET = 6;
    public static final long POLL_OFFSET = 7;
    public static final long SPECIAL_MASK_OFFSET = 8;
    public static final long INIT_STATE_OFFSET = 9;
    public static final long AUTO_EOI_OFFSET = 10;
    public static final long ROTATE_ON_AUTO_EOI_OFFSET = 11;
    public static final long SPECIAL_FULLY_NESTED_MODE_OFFSET = 12;
    public static final long INIT4_OFFSET = 13;
    public static final long ELCR_OFFSET = 14;
    public static final long ELCR_MASK_OFFSET = 15;

    KvmPicState(MemorySegment segment) {
        super(segment);
    }

    public int lastIrr() {
        return Byte.toUnsignedInt(getByte(LAST_IRR_OFFSET));
    }

    public void lastIrr(int value) {
        setByte(LAST_IRR_OFFSET, (byte) value);
    }

    public int irr() {
        return Byte.toUnsignedInt(getByte(IRR_OFFSET));
    }

    public void irr(int value) {
        setByte(IRR_OFFSET, (byte) value);
    }

    public int imr() {
        return Byte.toUnsignedInt(getByte(IMR_OFFSET));
    }

    public void imr(int value) {
        setByte(IMR_OFFSET, (byte) value);
    }

    public int isr() {
        return Byte.toUnsignedInt(getByte(ISR_OFFSET));
    }

    public void isr(int value) {
        setByte(ISR_OFFSET, (byte) value);
    }

    public int priorityAdd() {
        return Byte.toUnsignedInt(getByte(PRIORITY_ADD_OFFSET));
    }

    public void priorityAdd(int value) {
        setByte(PRIORITY_ADD_OFFSET, (byte) value);
    }

    /** Vector of input 0. */
    public int irqBase() {
        return Byte.toUnsignedInt(getByte(IRQ_BASE_OFFSET));
    }

    public void irqBase(int value) {
        setByte(IRQ_BASE_OFFSET, (byte) value);
    }

    public int readRegSelect() {
        return Byte.toUnsignedInt(getByte(READ_REG_SELECT_OFFSET));
    }

    public void readRegSelect(int value) {
        setByte(READ_REG_SELECT_OFFSET, (byte) value);
    }

    public int poll() {
        return Byte.toUnsignedInt(getByte(POLL_OFFSET));
    }

    public void poll(int value) {
        setByte(POLL_OFFSET, (byte) value);
    }

    public int specialMask() {
        return Byte.toUnsignedInt(getByte(SPECIAL_MASK_OFFSET));
    }

    public void specialMask(int value) {
        setByte(SPECIAL_MASK_OFFSET, (byte) value);
    }

    public int initState() {
        return Byte.toUnsignedInt(getByte(INIT_STATE_OFFSET));
    }

    public void initState(int value) {
        setByte(INIT_STATE_OFFSET, (byte) value);
    }

    public int autoEoi() {
        return Byte.toUnsignedInt(getByte(AUTO_EOI_OFFSET));
    }

    public void autoEoi(int value) {
        setByte(AUTO_EOI_OFFSET, (byte) value);
    }

    public int rotateOnAutoEoi() {
        return Byte.toUnsignedInt(getByte(ROTATE_ON_AUTO_EOI_OFFSET));
    }

    public void rotateOnAutoEoi(int value) {
        setByte(ROTATE_ON_AUTO_EOI_OFFSET, (byte) value);
    }

    public int specialFullyNestedMode() {
        return Byte.toUnsignedInt(getByte(SPECIAL_FULLY_NESTED_MODE_OFFSET));
    }

    public void specialFullyNestedMode(int value) {
        setByte(SPECIAL_FULLY_NESTED_MODE_OFFSET, (byte) value);
    }

    public int init4() {
        return Byte.toUnsignedInt(getByte(INIT4_OFFSET));
    }

    public void init4(int value) {
        setByte(INIT4_OFFSET, (byte) value);
    }

    /** A set bit marks a level-triggered input. */
    public int elcr() {
        return Byte.toUnsignedInt(getByte(ELCR_OFFSET));
    }

    public void elcr(int value) {
        setByte(ELCR_OFFSET, (byte) value);
    }

    public int elcrMask() {
        return Byte.toUnsignedInt(getByte(ELCR_MASK_OFFSET));
    }

    public void elcrMask(int value) {
        setByte(ELCR_MASK_OFFSET, (byte) value);
    }
}
