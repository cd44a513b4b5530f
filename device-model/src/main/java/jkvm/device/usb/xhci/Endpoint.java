package jkvm.device.usb.xhci;

import java.util.Arrays;
import jkvm.device.usb.SetupPacket;
import jkvm.memory.GuestMemory;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * An endpoint of a slot: its context (xHCI section 6.2.3) as the guest configured it, its transfer ring, and how far a
 * control transfer has come. Guarded by the controller's lock.
 */
final class Endpoint {
    static final int RUNNING = 1;
    static final int HALTED = 2;
    static final int STOPPED = 3;
    static final int ERROR = 4;

    static final int BULK_OUT = 2;
    static final int INTERRUPT_OUT = 3;
    static final int CONTROL = 4;
    static final int BULK_IN = 6;
    static final int INTERRUPT_IN = 7;
    /** Data of one control transfer. */
    static final int MAX_CONTROL_DATA = 4096;

    private static final int STATE_MASK = 7;
    private static final int STREAMS_MASK = 0x1F << 10;
    private static final int TYPE_SHIFT = 3;
    private static final int DEQUEUE_OFFSET = 8;

    private final GuestMemory memory;
    /** Its device context index: 1 for the default endpoint, then two for each number, out before in. */
    private final int index;
    private final TrbRing ring = new TrbRing();
    private long context;
    private int type;
    private int state;
    /** The device had nothing for the transfer at the ring's head. */
    private boolean waiting;

    /** The setup packet of the control transfer that has begun; meaningless without {@link #hasSetup}. */
    private long setup;
    private boolean hasSetup;
    /** Data of the control transfer: from the guest as they come, or to the guest; -1 before there are any. */
    private int dataLength = -1;
    private final byte[] data = new byte[MAX_CONTROL_DATA];

    Endpoint(GuestMemory memory, int index) {
        this.memory = memory;
        this.index = index;
    }

    /** True if a context can be one of an endpoint that is here: no streams, not isochronous, of its direction. */
    static boolean isValid(GuestMemory memory, long input, int index) {
        int type = typeIn(memory, input);
        boolean fits = switch (type) {
            case CONTROL -> index == 1;
            case BULK_OUT, INTERRUPT_OUT -> index % 2 == 0;
            case BULK_IN, INTERRUPT_IN -> index > 1 && index % 2 == 1;
            default -> false;
        };
        return fits && (memory.readInt(input) & STREAMS_MASK) == 0;
    }

    private static int typeIn(GuestMemory memory, long context) {
        return memory.readInt(context + Integer.BYTES) >>> TYPE_SHIFT & 7;
    }

    /**
     * Takes over what the guest has configured.
     *
     * @param input  the guest's wish, a valid one
     * @param output the context that the guest reads
     */
    void configure(long input, long output) {
        context = output;
        for (int at = 0; at < DeviceContext.SIZE; at += Long.BYTES) {
            memory.writeLong(output + at, memory.readLong(input + at));
        }
        type = typeIn(memory, input);
        long dequeue = memory.readLong(input + DEQUEUE_OFFSET);
        ring.set(dequeue, (dequeue & 1) != 0);
        forgetTransfer();
        setState(RUNNING);
    }

    /** The size of packets may change while it runs (section 4.6.7). */
    void evaluate(long input) {
        int second = Integer.BYTES;
        int kept = memory.readInt(context + second) & 0xFFFF;
        memory.writeInt(context + second, memory.readInt(input + second) & ~0xFFFF | kept);
    }

    void disable() {
        forgetTransfer();
        setState(0);
    }

    int index() {
        return index;
    }

    /** The number that the device knows it by. */
    int number() {
        return index / 2;
    }

    int type() {
        return type;
    }

    boolean isIn() {
        return index % 2 == 1;
    }

    int state() {
        return state;
    }

    TrbRing ring() {
        return ring;
    }

    /** Tells the guest in its context; a stopped or halted endpoint's context also says where its ring is. */
    void setState(int newState) {
        state = newState;
        waiting = false;
        memory.writeInt(context, memory.readInt(context) & ~STATE_MASK | newState);
        if (newState != RUNNING) {
            memory.writeLong(context + DEQUEUE_OFFSET, ring.pointerAndCycle());
        }
    }

    /** The doorbell of a stopped endpoint starts it. */
    void start() {
        if (state == STOPPED) {
            setState(RUNNING);
        }
    }

    void setDequeue(long pointer) {
        ring.set(pointer, (pointer & 1) != 0);
        forgetTransfer();
        memory.writeLong(context + DEQUEUE_OFFSET, ring.pointerAndCycle());
    }

    boolean isWaiting() {
        return waiting;
    }

    void setWaiting(boolean newWaiting) {
        waiting = newWaiting;
    }

    /** A control transfer begins. */
    void begin(long newSetup) {
        setup = newSetup;
        hasSetup = true;
        dataLength = -1;
    }

    boolean hasSetup() {
        return hasSetup;
    }

    SetupPacket setup() {
        return SetupPacket.of(setup);
    }

    byte[] data() {
        return data;
    }

    /** @return -1 while there was no data stage */
    int dataLength() {
        return dataLength;
    }

    void setDataLength(int length) {
        dataLength = length;
    }

    void forgetTransfer() {
        hasSetup = false;
        dataLength = -1;
    }

    void save(StateWriter out) {
        out.putInt("type", type);
        out.putInt("state", state);
        out.putBoolean("waiting", waiting);
        ring.save(out);
        out.putBoolean("has setup", hasSetup);
        out.putLong("setup", setup);
        out.putInt("data length", dataLength);
        out.putBytes("data", Arrays.copyOf(data, Math.max(0, dataLength)));
    }

    void load(StateReader in, long newContext) {
        context = newContext;
        type = in.getInt("type", 0, INTERRUPT_IN);
        state = in.getInt("state", 0, ERROR);
        waiting = in.getBoolean("waiting");
        ring.load(in);
        hasSetup = in.getBoolean("has setup");
        setup = in.getLong("setup");
        dataLength = in.getInt("data length", -1, MAX_CONTROL_DATA);
        byte[] saved = in.getBytes("data", Math.max(0, dataLength));
        System.arraycopy(saved, 0, data, 0, saved.length);
    }
}
