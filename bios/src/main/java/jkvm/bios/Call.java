package jkvm.bios;

import jkvm.memory.GuestMemory;

/**
 * One call of a service: the caller's registers, which the service reads and changes in the frame that the ROM's code
 * has put on the caller's stack, and the guest's memory as the caller sees it. Valid during the call only.
 */
public final class Call {
    /** The carry flag. */
    public static final int CARRY_BIT = 1;
    /** The zero flag. */
    public static final int ZERO_BIT = 1 << 6;
    /** The interrupt flag. */
    public static final int INTERRUPT_BIT = 1 << 9;

    private static final int GS_OFFSET = 0;
    private static final int FS_OFFSET = 2;
    private static final int ES_OFFSET = 4;
    private static final int DS_OFFSET = 6;
    private static final int EDI_OFFSET = 8;
    private static final int ESI_OFFSET = 12;
    private static final int EBP_OFFSET = 16;
    private static final int EBX_OFFSET = 24;
    private static final int EDX_OFFSET = 28;
    private static final int ECX_OFFSET = 32;
    private static final int EAX_OFFSET = 36;
    private static final int OUTCOME_OFFSET = 40;
    private static final int TARGET_OFFSET = 42;
    private static final int NUMBER_OFFSET = 46;
    private static final int IP_OFFSET = 48;
    private static final int CS_OFFSET = 50;
    private static final int FLAGS_OFFSET = 52;
    private static final int FRAME_SIZE = 54;

    private static final int BYTE = 0xFF;
    private static final int WORD = 0xFFFF;

    private final SegmentedMemory memory;
    private final BiosData data;
    private final byte[] frame = new byte[FRAME_SIZE];
    private int stackSegment;
    private int stackOffset;

    Call(GuestMemory ram, PhysicalMemory physical) {
        memory = new SegmentedMemory(physical);
        data = new BiosData(ram);
    }

    void begin(int segment, int offset) {
        stackSegment = segment;
        stackOffset = offset;
        memory.read(segment, offset, frame, 0, FRAME_SIZE);
    }

    void end(Outcome outcome) {
        word(OUTCOME_OFFSET, outcome.ordinal());
        memory.write(stackSegment, stackOffset, frame, 0, FRAME_SIZE);
    }

    /** The service's number: an interrupt's vector, or one of {@link ServiceTable}. */
    public int number() {
        return word(NUMBER_OFFSET);
    }

    /** True if the service was asked before, and has not answered {@link Outcome#DONE}. */
    public boolean isRepeated() {
        return previous() != Outcome.DONE;
    }

    /** The last answer to this call; {@link Outcome#DONE} if it was not asked before. */
    public Outcome previous() {
        return Outcome.of(word(OUTCOME_OFFSET));
    }

    /** Names the guest's code for {@link Outcome#CALL} and {@link Outcome#INTERRUPT}. */
    public void target(int segment, int offset) {
        word(TARGET_OFFSET, offset);
        word(TARGET_OFFSET + 2, segment);
    }

    /** The BIOS's own data. */
    public BiosData data() {
        return data;
    }

    /** The guest's memory by segment and offset. */
    public SegmentedMemory memory() {
        return memory;
    }

    public int eax() {
        return doubleWord(EAX_OFFSET);
    }

    public void eax(int value) {
        doubleWord(EAX_OFFSET, value);
    }

    public int ax() {
        return word(EAX_OFFSET);
    }

    public void ax(int value) {
        word(EAX_OFFSET, value);
    }

    public int al() {
        return frame[EAX_OFFSET] & BYTE;
    }

    public void al(int value) {
        frame[EAX_OFFSET] = (byte) value;
    }

    public int ah() {
        return frame[EAX_OFFSET + 1] & BYTE;
    }

    public void ah(int value) {
        frame[EAX_OFFSET + 1] = (byte) value;
    }

    public int ebx() {
        return doubleWord(EBX_OFFSET);
    }

    public void ebx(int value) {
        doubleWord(EBX_OFFSET, value);
    }

    public int bx() {
        return word(EBX_OFFSET);
    }

    public void bx(int value) {
        word(EBX_OFFSET, value);
    }

    public int bl() {
        return frame[EBX_OFFSET] & BYTE;
    }

    public void bl(int value) {
        frame[EBX_OFFSET] = (byte) value;
    }

    public int bh() {
        return frame[EBX_OFFSET + 1] & BYTE;
    }

    public void bh(int value) {
        frame[EBX_OFFSET + 1] = (byte) value;
    }

    public int ecx() {
        return doubleWord(ECX_OFFSET);
    }

    public void ecx(int value) {
        doubleWord(ECX_OFFSET, value);
    }

    public int cx() {
        return word(ECX_OFFSET);
    }

    public void cx(int value) {
        word(ECX_OFFSET, value);
    }

    public int cl() {
        return frame[ECX_OFFSET] & BYTE;
    }

    public void cl(int value) {
        frame[ECX_OFFSET] = (byte) value;
    }

    public int ch() {
        return frame[ECX_OFFSET + 1] & BYTE;
    }

    public void ch(int value) {
        frame[ECX_OFFSET + 1] = (byte) value;
    }

    public int edx() {
        return doubleWord(EDX_OFFSET);
    }

    public void edx(int value) {
        doubleWord(EDX_OFFSET, value);
    }

    public int dx() {
        return word(EDX_OFFSET);
    }

    public void dx(int value) {
        word(EDX_OFFSET, value);
    }

    public int dl() {
        return frame[EDX_OFFSET] & BYTE;
    }

    public void dl(int value) {
        frame[EDX_OFFSET] = (byte) value;
    }

    public int dh() {
        return frame[EDX_OFFSET + 1] & BYTE;
    }

    public void dh(int value) {
        frame[EDX_OFFSET + 1] = (byte) value;
    }

    public int esi() {
        return doubleWord(ESI_OFFSET);
    }

    public void esi(int value) {
        doubleWord(ESI_OFFSET, value);
    }

    public int si() {
        return word(ESI_OFFSET);
    }

    public void si(int value) {
        word(ESI_OFFSET, value);
    }

    public int edi() {
        return doubleWord(EDI_OFFSET);
    }

    public void edi(int value) {
        doubleWord(EDI_OFFSET, value);
    }

    public int di() {
        return word(EDI_OFFSET);
    }

    public void di(int value) {
        word(EDI_OFFSET, value);
    }

    public int ebp() {
        return doubleWord(EBP_OFFSET);
    }

    public void ebp(int value) {
        doubleWord(EBP_OFFSET, value);
    }

    public int bp() {
        return word(EBP_OFFSET);
    }

    public void bp(int value) {
        word(EBP_OFFSET, value);
    }

    public int ds() {
        return word(DS_OFFSET);
    }

    public void ds(int value) {
        word(DS_OFFSET, value);
    }

    public int es() {
        return word(ES_OFFSET);
    }

    public void es(int value) {
        word(ES_OFFSET, value);
    }

    public int fs() {
        return word(FS_OFFSET);
    }

    public void fs(int value) {
        word(FS_OFFSET, value);
    }

    public int gs() {
        return word(GS_OFFSET);
    }

    public void gs(int value) {
        word(GS_OFFSET, value);
    }

    /** The segment of the caller's stack. */
    public int ss() {
        return stackSegment;
    }

    /** Where the caller goes on. */
    public int cs() {
        return word(CS_OFFSET);
    }

    /** Where the caller goes on. */
    public int ip() {
        return word(IP_OFFSET);
    }

    /** Lets the guest go on elsewhere. */
    public void returnTo(int segment, int offset) {
        word(CS_OFFSET, segment);
        word(IP_OFFSET, offset);
    }

    public int flags() {
        return word(FLAGS_OFFSET);
    }

    public void flags(int value) {
        word(FLAGS_OFFSET, value);
    }

    public boolean carry() {
        return (flags() & CARRY_BIT) != 0;
    }

    public void carry(boolean isSet) {
        flags(isSet ? flags() | CARRY_BIT : flags() & ~CARRY_BIT);
    }

    public boolean hasZero() {
        return (flags() & ZERO_BIT) != 0;
    }

    public void zero(boolean isSet) {
        flags(isSet ? flags() | ZERO_BIT : flags() & ~ZERO_BIT);
    }

    private int word(int offset) {
        return frame[offset] & BYTE | (frame[offset + 1] & BYTE) << Byte.SIZE;
    }

    private void word(int offset, int value) {
        frame[offset] = (byte) value;
        frame[offset + 1] = (byte) (value >> Byte.SIZE);
    }

    private int doubleWord(int offset) {
        return word(offset) | word(offset + 2) << Short.SIZE;
    }

    private void doubleWord(int offset, int value) {
        word(offset, value & WORD);
        word(offset + 2, value >>> Short.SIZE);
    }
}
