package jkvm.device.virtio.queue;

import java.lang.invoke.VarHandle;
import jkvm.memory.GuestMemory;

/**
 * The device's side of a split virtqueue (virtio 1.2 section 2.7), with indirect descriptors and the event index where
 * these were negotiated. Nothing that lies in guest memory is trusted: each descriptor is read once, into a {@link
 * DescriptorChain}, and checked there; a chain is bounded by the queue's maximum size.
 *
 * <p>One thread serves the queue: {@link #pop}, {@link #push}, {@link #flush}. {@link #suspend} and {@link
 * #stop} may come from any thread.
 * No method allocates but for a failure's text.
 */
public final class VirtQueue {
    public static final int MAX_SIZE = 0x8000;
    static final int DESCRIPTOR_SIZE = 16;
    static final int NEXT_BIT = 1;
    static final int WRITE_BIT = 2;
    static final int INDIRECT_BIT = 4;
    static final int NO_INTERRUPT_BIT = 1;
    static final int NO_NOTIFY_BIT = 1;
    private static final int FLAGS_OFFSET = 0;
    private static final int INDEX_OFFSET = 2;
    private static final int RING_OFFSET = 4;
    private static final int USED_ENTRY_SIZE = 8;
    private static final long MAX_BYTES = 1L << 32;
    /** In {@link #position()}. */
    private static final long SIGNALLED_ONCE_BIT = 1L << 48;
    private static final long UNSIGNALLED_BIT = 1L << 49;

    private final GuestMemory memory;
    private final QueueLayout layout;
    private final int size;
    private final boolean eventIndex;
    private final boolean indirect;
    private final QueueEvents events;
    private final DescriptorChain chain;
    private int nextAvailable;
    private int nextUsed;
    private int signalledUsed;
    private boolean signalledOnce;
    private boolean unsignalled;
    private int inFlight;
    private volatile boolean suspended;
    private int staged;
    /** Null while nobody counts. */
    private QueueMeter meter;
    private long stagedBytes;
    private volatile boolean stopped;
    private boolean notifyOnEmpty;

    /**
     * A queue that the driver has enabled.
     *
     * @param layout     checked by {@link QueueLayout#check}
     * @param maxSize    the queue's maximum size, also the longest chain
     * @param eventIndex VIRTIO_F_EVENT_IDX was negotiated
     * @param indirect   VIRTIO_F_INDIRECT_DESC was negotiated
     */
    public VirtQueue(GuestMemory memory, QueueLayout layout, int maxSize, boolean eventIndex, boolean indirect,
            QueueEvents events) {
        this.memory = memory;
        this.layout = layout;
        this.size = layout.size();
        this.eventIndex = eventIndex;
        this.indirect = indirect;
        this.events = events;
        this.chain = new DescriptorChain(memory, maxSize);
    }

    /** Sets whether VIRTIO_F_NOTIFY_ON_EMPTY was negotiated. Before the queue is served. */
    public void notifyOnEmpty(boolean value) {
        notifyOnEmpty = value;
    }

    /** Counts what is given back from now on. Called by the thread that serves the queue. */
    public void meter(QueueMeter newMeter) {
        meter = newMeter;
    }

    /** Entries of the rings. */
    public int size() {
        return size;
    }

    /** Where the rings and the requests' buffers lie. */
    public GuestMemory memory() {
        return memory;
    }

    /**
     * The next request. Valid until the next call.
     *
     * @return null if there is none now: the driver will notify; or if the queue is suspended, was stopped or has
     *         failed
     */
    public DescriptorChain pop() {
        if (stopped || suspended) {
            return null;
        }
        int available = available();
        if (available == 0) {
            wantNotification();
            available = available();
            if (available == 0) {
                return null;
            }
        }
        if (available > size) {
            return fail("the available index is ahead by " + available);
        }
        if (inFlight == size) {
            return fail("more requests than the queue has entries");
        }
        long slot = layout.driver() + RING_OFFSET + 2L * (nextAvailable & size - 1);
        int head = memory.readShort(slot) & 0xFFFF;
        if (!fill(head)) {
            return null;
        }
        nextAvailable = nextAvailable + 1 & 0xFFFF;
        inFlight++;
        if (!eventIndex && (memory.readShort(layout.device()) & NO_NOTIFY_BIT) == 0) {
            memory.writeShort(layout.device() + FLAGS_OFFSET, (short) NO_NOTIFY_BIT);
        }
        return chain;
    }

    /** How many requests the driver says there are. */
    private int available() {
        return (memory.readShortAcquire(layout.driver() + INDEX_OFFSET) & 0xFFFF) - nextAvailable & 0xFFFF;
    }

    /** From now on the driver notifies; the caller looks once more, since it may have offered something just before. */
    private void wantNotification() {
        if (eventIndex) {
            memory.writeShort(layout.device() + RING_OFFSET + (long) USED_ENTRY_SIZE * size, (short) nextAvailable);
        } else {
            memory.writeShort(layout.device() + FLAGS_OFFSET, (short) 0);
        }
        VarHandle.fullFence();
    }

    /**
     * Copies and checks the chain that begins at {@code head}.
     *
     * @return false if the queue has failed
     */
    private boolean fill(int head) {
        chain.begin(head);
        long table = layout.descriptors();
        long entries = size;
        boolean nested = false;
        long index = head;
        for (int seen = 0; seen <= chain.capacity(); seen++) {
            if (index >= entries) {
                return fails("descriptor index " + index + " of " + entries);
            }
            long at = table + index * DESCRIPTOR_SIZE;
            long address = memory.readLong(at);
            long length = memory.readInt(at + 8) & 0xFFFFFFFFL;
            int flagsAndNext = memory.readInt(at + 12);
            if ((flagsAndNext & INDIRECT_BIT) != 0) {
                if (!isIndirectTable(address, length, nested || (flagsAndNext & NEXT_BIT) != 0)) {
                    return fails("bad table of indirect descriptors, %d bytes at 0x%x".formatted(length, address));
                }
                nested = true;
                table = address;
                entries = length / DESCRIPTOR_SIZE;
                index = 0;
            } else {
                if (!add(address, length, (flagsAndNext & WRITE_BIT) != 0)) {
                    return false;
                }
                if ((flagsAndNext & NEXT_BIT) == 0) {
                    return true;
                }
                index = flagsAndNext >>> 16;
            }
        }
        return fails("a chain of more than " + chain.capacity() + " descriptors");
    }

    private boolean isIndirectTable(long address, long length, boolean forbidden) {
        return indirect && !forbidden && length > 0 && length % DESCRIPTOR_SIZE == 0
                && memory.contains(address, length);
    }

    private boolean add(long address, long length, boolean writable) {
        if (length == 0 || !memory.contains(address, length)) {
            return fails("a buffer of %d bytes at 0x%x".formatted(length, address));
        }
        if (!writable && chain.hasWritable()) {
            return fails("a readable buffer behind a writable one");
        }
        if (length > MAX_BYTES - chain.readableBytes() - chain.writableBytes()) {
            return fails("a chain of 4 GiB or more");
        }
        if (chain.isFull()) {
            return fails("a chain of more than " + chain.capacity() + " descriptors");
        }
        chain.add(address, length, writable);
        return true;
    }

    /**
     * The device found a request that breaks its rules so that it cannot be answered: the queue gives out nothing more.
     *
     * @param reason one line
     * @return null
     */
    public DescriptorChain fail(String reason) {
        stopped = true;
        events.failed(reason);
        return null;
    }

    private boolean fails(String reason) {
        fail(reason);
        return false;
    }

    /** Puts the request that {@link #pop} gave last back where it was: it cannot be completed now, and comes again. */
    public void putBack(DescriptorChain last) {
        nextAvailable = nextAvailable - 1 & 0xFFFF;
        inFlight--;
        last.begin(last.head());
    }

    /**
     * Gives a request back to the driver. {@link #flush} tells it.
     *
     * @param written bytes of the writable part that were filled, from its start
     */
    public void push(DescriptorChain done, long written) {
        stage(done, written);
        publish();
    }

    /**
     * Makes a request ready to be given back. The driver gets it with the next {@link #publish()}, at once with all
     * that were staged before it.
     *
     * @param written as for {@link #push}
     */
    public void stage(DescriptorChain done, long written) {
        if (stopped) {
            return;
        }
        long slot = layout.device() + RING_OFFSET + (long) USED_ENTRY_SIZE * (nextUsed + staged & size - 1);
        memory.writeInt(slot, done.head());
        memory.writeInt(slot + 4, (int) written);
        staged++;
        if (meter != null) {
            stagedBytes += done.readableBytes() + written;
        }
    }

    /** Gives back what was staged. {@link #flush} tells the driver. */
    public void publish() {
        if (stopped || staged == 0) {
            return;
        }
        if (meter != null) {
            meter.completed(staged, stagedBytes);
            stagedBytes = 0;
        }
        nextUsed = nextUsed + staged & 0xFFFF;
        inFlight -= staged;
        staged = 0;
        unsignalled = true;
        memory.writeShortRelease(layout.device() + INDEX_OFFSET, (short) nextUsed);
    }

    /**
     * Puts the requests that were staged back where they were, as {@link #putBack} does: they are the last that {@link
     * #pop} gave.
     */
    public void recall() {
        nextAvailable = nextAvailable - staged & 0xFFFF;
        inFlight -= staged;
        staged = 0;
        stagedBytes = 0;
    }

    /** Interrupts the driver if requests were given back and it wants that. */
    public void flush() {
        if (stopped || !unsignalled) {
            return;
        }
        unsignalled = false;
        VarHandle.fullFence();
        boolean wanted;
        if (notifyOnEmpty && inFlight == 0 && available() == 0) {
            wanted = true;
        } else if (eventIndex) {
            int event = memory.readShort(layout.driver() + RING_OFFSET + 2L * size) & 0xFFFF;
            wanted = !signalledOnce || (nextUsed - event - 1 & 0xFFFF) < (nextUsed - signalledUsed & 0xFFFF);
        } else {
            wanted = (memory.readShort(layout.driver() + FLAGS_OFFSET) & NO_INTERRUPT_BIT) == 0;
        }
        signalledUsed = nextUsed;
        signalledOnce = true;
        if (wanted) {
            events.interrupt();
        }
    }

    /**
     * While a queue is suspended it gives out no requests; those in flight may be given back. Any thread may call; who
     * ends it has the queue served again.
     */
    public void suspend(boolean value) {
        suspended = value;
    }

    /** From now on there are no requests, and those that are given back are dropped: nothing is written any more. */
    public void stop() {
        stopped = true;
    }

    /** True after {@link #stop} and after a failure. A long request looks now and then. */
    public boolean isStopped() {
        return stopped;
    }

    /**
     * Where the device is in the rings, for a saved state: 16 bits each of the available index, of the used index and
     * of the one at which the driver was interrupted last, then two flags. No thread serves the queue, and none of its
     * requests is in work.
     */
    public long position() {
        return nextAvailable | (long) nextUsed << 16 | (long) signalledUsed << 32
                | (signalledOnce ? SIGNALLED_ONCE_BIT : 0) | (unsignalled ? UNSIGNALLED_BIT : 0);
    }

    /** Goes on where {@link #position} was. */
    public void position(long position) {
        nextAvailable = (int) position & 0xFFFF;
        nextUsed = (int) (position >>> 16) & 0xFFFF;
        signalledUsed = (int) (position >>> 32) & 0xFFFF;
        signalledOnce = (position & SIGNALLED_ONCE_BIT) != 0;
        unsignalled = (position & UNSIGNALLED_BIT) != 0;
    }
}
