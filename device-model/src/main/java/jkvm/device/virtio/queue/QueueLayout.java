package jkvm.device.virtio.queue;

import jkvm.memory.GuestMemory;

/**
 * Where the driver put a split virtqueue: guest physical addresses.
 *
 * @param size        entries
 * @param descriptors the descriptor table
 * @param driver      the available ring
 * @param device      the used ring
 */
public record QueueLayout(int size, long descriptors, long driver, long device) {
    private static final int PAGE = 4096;
    /** Flags, index and the event index. */
    private static final int DRIVER_RING_EXTRA = 3 * Short.BYTES;
    private static final int DESCRIPTOR_ALIGNMENT = 16;
    private static final int DRIVER_ALIGNMENT = 2;
    private static final int DEVICE_ALIGNMENT = 4;

    /** The one that virtio 0.9.5 prescribes (virtio 1.2 section 2.7.2): the used ring on a page of its own. */
    public static QueueLayout legacy(int size, long start) {
        long driver = start + (long) VirtQueue.DESCRIPTOR_SIZE * size;
        long device = driver + DRIVER_RING_EXTRA + (long) Short.BYTES * size + PAGE - 1 & -PAGE;
        return new QueueLayout(size, start, driver, device);
    }

    /**
     * Whether a queue can be here.
     *
     * @param maxSize what the device offers
     * @return what is wrong, or null
     */
    public String check(GuestMemory memory, int maxSize) {
        if (size < 1 || size > maxSize || Integer.bitCount(size) != 1) {
            return "a queue of " + size + " entries";
        }
        // Both rings end with a word for the event index.
        return isPart(memory, descriptors, (long) VirtQueue.DESCRIPTOR_SIZE * size, DESCRIPTOR_ALIGNMENT)
                && isPart(memory, driver, 6 + 2L * size, DRIVER_ALIGNMENT)
                && isPart(memory, device, 6 + 8L * size, DEVICE_ALIGNMENT) ? null
                : "rings at 0x%x, 0x%x, 0x%x".formatted(descriptors, driver, device);
    }

    private static boolean isPart(GuestMemory memory, long address, long length, int alignment) {
        return (address & alignment - 1) == 0 && memory.contains(address, length);
    }
}
