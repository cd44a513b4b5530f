package jkvm.device.virtio.queue;

import java.lang.foreign.Arena;
import java.util.List;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;

/**
 * The driver's side of one split virtqueue, in memory of its own or in that of another driver. It follows the rules
 * unless a test writes descriptors by hand with {@link #descriptor} and {@link #offer}.
 */
public final class QueueDriver {
    public static final int NEXT = VirtQueue.NEXT_BIT;
    public static final int WRITE = VirtQueue.WRITE_BIT;
    public static final int INDIRECT = VirtQueue.INDIRECT_BIT;
    /** Bytes of {@link #newMemory()}, from address zero on. */
    public static final int MEMORY_SIZE = 1 << 20;
    private static final int QUEUE_SPACE = 0x10000;

    private final GuestMemory memory;
    private final QueueLayout layout;
    private final int size;
    private final long base;
    private long nextBuffer;
    private int nextDescriptor;
    private int nextAvailable;
    private int nextUsed;

    /** A buffer of a request. */
    public record Buffer(long address, int length, boolean writable) {
    }

    /** A completed request: its first descriptor, and how many bytes the device wrote. */
    public record Used(int head, int length) {
    }

    public static GuestMemory newMemory() {
        return new GuestMemory(List.of(new MemoryRegion(0, Arena.ofAuto().allocate(MEMORY_SIZE, 4096))));
    }

    /** @param base where rings and buffers go, 64 KiB, a multiple of 4096 */
    public QueueDriver(GuestMemory memory, int size, long base) {
        this(memory, new QueueLayout(size, base, base + 0x4000, base + 0x5000));
    }

    private QueueDriver(GuestMemory memory, QueueLayout layout) {
        this.memory = memory;
        this.layout = layout;
        this.size = layout.size();
        this.base = layout.descriptors();
        this.nextBuffer = base + 0x8000;
    }

    /** A queue as a driver of virtio 0.9.5 lays it out. */
    public static QueueDriver legacy(GuestMemory memory, int size, long base) {
        return new QueueDriver(memory, QueueLayout.legacy(size, base));
    }

    public GuestMemory memory() {
        return memory;
    }

    public QueueLayout layout() {
        return layout;
    }

    /** Empties the rings, as a driver does before it enables the queue again. */
    public void clear() {
        memory.fill(base, QUEUE_SPACE, (byte) 0);
        nextBuffer = base + 0x8000;
        nextDescriptor = 0;
        nextAvailable = 0;
        nextUsed = 0;
    }

    /** Memory with this content that the device reads. */
    public Buffer readable(byte... content) {
        Buffer buffer = new Buffer(allocate(content.length), content.length, false);
        memory.write(buffer.address(), content);
        return buffer;
    }

    /** Memory that the device fills. */
    public Buffer writable(int length) {
        return new Buffer(allocate(length), length, true);
    }

    private long allocate(int length) {
        long address = nextBuffer;
        nextBuffer += length + 15 & ~15;
        if (nextBuffer > base + QUEUE_SPACE) {
            throw new IllegalStateException("the fake driver's memory is used up");
        }
        return address;
    }

    public byte[] content(Buffer buffer) {
        byte[] content = new byte[buffer.length()];
        memory.read(buffer.address(), content, 0, content.length);
        return content;
    }

    /**
     * Offers a request of these buffers.
     *
     * @return its first descriptor
     */
    public int request(Buffer... buffers) {
        int head = nextDescriptor;
        for (int i = 0; i < buffers.length; i++) {
            int index = nextDescriptor;
            nextDescriptor = (nextDescriptor + 1) % size;
            descriptor(index, buffers[i].address(), buffers[i].length(), (buffers[i].writable() ? WRITE : 0)
                    | (i + 1 < buffers.length ? NEXT : 0), nextDescriptor);
        }
        offer(head);
        return head;
    }

    /** The same, with an indirect table. */
    public int indirectRequest(Buffer... buffers) {
        long table = allocate(16 * buffers.length);
        for (int i = 0; i < buffers.length; i++) {
            descriptorAt(table + 16L * i, buffers[i].address(), buffers[i].length(), (buffers[i].writable() ? WRITE : 0)
                    | (i + 1 < buffers.length ? NEXT : 0), i + 1);
        }
        int head = nextDescriptor;
        nextDescriptor = (nextDescriptor + 1) % size;
        descriptor(head, table, 16 * buffers.length, INDIRECT, 0);
        offer(head);
        return head;
    }

    /** Writes one descriptor of the table. */
    public void descriptor(int index, long address, int length, int flags, int next) {
        descriptorAt(base + 16L * index, address, length, flags, next);
    }

    /** Writes a descriptor anywhere. */
    public void descriptorAt(long at, long address, int length, int flags, int next) {
        memory.writeLong(at, address);
        memory.writeInt(at + 8, length);
        memory.writeShort(at + 12, (short) flags);
        memory.writeShort(at + 14, (short) next);
    }

    /** Puts a chain's head into the available ring. */
    public void offer(int head) {
        memory.writeShort(layout().driver() + 4 + 2L * (nextAvailable % size), (short) head);
        nextAvailable++;
        availableIndex(nextAvailable);
    }

    /** Sets the available ring's index. */
    public void availableIndex(int index) {
        memory.writeShortRelease(layout().driver() + 2, (short) index);
    }

    /** The oldest completion that was not taken yet, or null. */
    public Used takeUsed() {
        if ((memory.readShortAcquire(layout().device() + 2) & 0xFFFF) == (nextUsed & 0xFFFF)) {
            return null;
        }
        long slot = layout().device() + 4 + 8L * (nextUsed % size);
        nextUsed++;
        return new Used(memory.readInt(slot), memory.readInt(slot + 4));
    }

    public void refuseInterrupts(boolean refuse) {
        memory.writeShort(layout().driver(), (short) (refuse ? VirtQueue.NO_INTERRUPT_BIT : 0));
    }

    /** Asks for an interrupt when the used index passes this. */
    public void usedEvent(int index) {
        memory.writeShort(layout().driver() + 4 + 2L * size, (short) index);
    }

    /** From which index on the device wants to be notified. */
    public int availableEvent() {
        return memory.readShort(layout().device() + 4 + 8L * size) & 0xFFFF;
    }

    public boolean wantsNoNotification() {
        return (memory.readShort(layout().device()) & VirtQueue.NO_NOTIFY_BIT) != 0;
    }
}
