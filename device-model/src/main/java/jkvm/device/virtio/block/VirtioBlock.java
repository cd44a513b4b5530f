package jkvm.device.virtio.block;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jkvm.device.disk.DiskGeometry;
import jkvm.device.virtio.DeviceLink;
import jkvm.device.virtio.VirtioDevice;
import jkvm.device.virtio.queue.DescriptorChain;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.DiskStatistics;
import jkvm.state.StateException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** A disk. */
public final class VirtioBlock implements VirtioDevice {
    public static final int TYPE = 2;

    static final long SEG_MAX = 1L << 2;
    static final long GEOMETRY = 1L << 4;
    static final long READ_ONLY = 1L << 5;
    static final long BLOCK_SIZE = 1L << 6;
    static final long FLUSH = 1L << 9;
    static final long TOPOLOGY = 1L << 10;
    static final long CONFIG_WCE = 1L << 11;
    static final long MULTI_QUEUE = 1L << 12;
    static final long DISCARD = 1L << 13;
    static final long WRITE_ZEROES = 1L << 14;

    static final int CONFIG_SIZE = 57;
    static final int CAPACITY_OFFSET = 0;
    static final int SEG_MAX_OFFSET = 12;
    static final int CYLINDERS_OFFSET = 16;
    static final int HEADS_OFFSET = 18;
    static final int SECTORS_OFFSET = 19;
    static final int BLOCK_SIZE_OFFSET = 20;
    static final int PHYSICAL_EXPONENT_OFFSET = 24;
    static final int WRITEBACK_OFFSET = 32;
    static final int QUEUES_OFFSET = 34;
    static final int MAX_DISCARD_SECTORS_OFFSET = 36;
    static final int MAX_DISCARD_SEGMENTS_OFFSET = 40;
    static final int DISCARD_ALIGNMENT_OFFSET = 44;
    static final int MAX_ZEROES_SECTORS_OFFSET = 48;
    static final int MAX_ZEROES_SEGMENTS_OFFSET = 52;
    static final int ZEROES_UNMAP_OFFSET = 56;

    private static final int STATE_VERSION = 1;
    /** A chain has two descriptors more: header and status. */
    private static final int MAX_SEGMENTS = DEFAULT_QUEUE_SIZE - 2;

    private final String name;
    private final DiskImage image;
    private final BlockSettings settings;
    private final BlockRequests requests;
    private final byte[] config = new byte[CONFIG_SIZE];
    private volatile boolean writeback;
    private volatile boolean flushNegotiated;

    /** A disk whose requests nobody counts. */
    public VirtioBlock(String name, DiskImage image, BlockSettings settings) {
        this(name, image, settings, new DiskStatistics());
    }

    /** @param statistics counts the requests */
    public VirtioBlock(String name, DiskImage image, BlockSettings settings, DiskStatistics statistics) {
        this.name = name;
        this.image = image;
        this.settings = settings.of(image);
        this.requests = new BlockRequests(image, settings, statistics);
        this.writeback = settings.writeCache();
        putConfig();
    }

    private void putConfig() {
        ByteBuffer fields = ByteBuffer.wrap(config).order(ByteOrder.LITTLE_ENDIAN);
        fields.putLong(CAPACITY_OFFSET, image.capacity() / BlockSettings.SECTOR_SIZE);
        fields.putInt(SEG_MAX_OFFSET, MAX_SEGMENTS);
        DiskGeometry geometry = settings.geometry();
        fields.putShort(CYLINDERS_OFFSET, (short) geometry.cylinders());
        fields.put(HEADS_OFFSET, (byte) geometry.heads());
        fields.put(SECTORS_OFFSET, (byte) geometry.sectorsFor(settings.logicalBlockSize(), image.capacity()));
        fields.putInt(BLOCK_SIZE_OFFSET, settings.logicalBlockSize());
        int ratio = settings.physicalBlockSize() / settings.logicalBlockSize();
        fields.put(PHYSICAL_EXPONENT_OFFSET, (byte) Integer.numberOfTrailingZeros(ratio));
        fields.putShort(QUEUES_OFFSET, (short) settings.queues());
        int alignment = settings.logicalBlockSize() / BlockSettings.SECTOR_SIZE;
        fields.putInt(MAX_DISCARD_SECTORS_OFFSET, BlockRequests.MAX_RANGE_SECTORS);
        fields.putInt(MAX_DISCARD_SEGMENTS_OFFSET, BlockRequests.MAX_RANGES);
        fields.putInt(DISCARD_ALIGNMENT_OFFSET, alignment);
        fields.putInt(MAX_ZEROES_SECTORS_OFFSET, BlockRequests.MAX_RANGE_SECTORS);
        fields.putInt(MAX_ZEROES_SEGMENTS_OFFSET, BlockRequests.MAX_RANGES);
        fields.put(ZEROES_UNMAP_OFFSET, (byte) 1);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public int queues() {
        return settings.queues();
    }

    @Override
    public long features() {
        long features = SEG_MAX | GEOMETRY | BLOCK_SIZE | FLUSH | TOPOLOGY | CONFIG_WCE;
        features |= settings.queues() > 1 ? MULTI_QUEUE : 0;
        if (image.isReadOnly()) {
            return features | READ_ONLY;
        }
        return features | WRITE_ZEROES | (settings.discard() ? DISCARD : 0);
    }

    @Override
    public int configSize() {
        return CONFIG_SIZE;
    }

    @Override
    public int readConfig(int offset) {
        return offset == WRITEBACK_OFFSET ? writeback ? 1 : 0 : config[offset];
    }

    @Override
    public void writeConfig(int offset, int value) {
        if (offset == WRITEBACK_OFFSET) {
            writeback = (value & 1) != 0;
        }
    }

    @Override
    public void start(long features, DeviceLink link) {
        flushNegotiated = (features & FLUSH) != 0;
    }

    @Override
    public void stop() {
        writeback = settings.writeCache();
        flushNegotiated = false;
    }

    @Override
    public void serve(int index, VirtQueue queue) {
        for (DescriptorChain chain = queue.pop(); chain != null; chain = queue.pop()) {
            if (chain.writableBytes() == 0) {
                queue.fail("a request without room for its status");
                return;
            }
            // A driver that cannot flush has to find its writes saved.
            int status = requests.carryOut(chain, queue, !(writeback && flushNegotiated));
            chain.writeByte(chain.writableBytes() - 1, status);
            queue.push(chain, chain.writableBytes());
            queue.flush();
        }
    }

    @Override
    public void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putLong("capacity", image.capacity());
        out.putBoolean("writeback", writeback);
    }

    /** The disk has to hold what it held: its content belongs to the host side and is not part of the state. */
    @Override
    public void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        long capacity = in.getLong("capacity");
        if (capacity != image.capacity()) {
            throw new StateException("%s: the state is that of a disk of %d bytes, this one has %d".formatted(name,
                    capacity, image.capacity()));
        }
        writeback = in.getBoolean("writeback");
    }
}
