package jkvm.device.virtio.rng;

import jkvm.device.virtio.VirtioDevice;
import jkvm.device.virtio.queue.DescriptorChain;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** An entropy device. */
public final class VirtioRng implements VirtioDevice {
    public static final int TYPE = 4;
    /** Bytes that one request gets at most. */
    public static final int MAX_REQUEST = 4096;
    private static final int QUEUE_SIZE = 8;
    private static final int STATE_VERSION = 1;

    private final String name;
    private final EntropySource source;
    private final byte[] bytes = new byte[MAX_REQUEST];

    /** Where random bytes come from: {@code SecureRandom::nextBytes}. */
    @FunctionalInterface
    public interface EntropySource {
        /** Fills the whole array. May block. */
        void fill(byte[] target);
    }

    public VirtioRng(String name, EntropySource source) {
        this.name = name;
        this.source = source;
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
        return 1;
    }

    @Override
    public int maxQueueSize(int queue) {
        return QUEUE_SIZE;
    }

    @Override
    public void serve(int index, VirtQueue queue) {
        for (DescriptorChain chain = queue.pop(); chain != null; chain = queue.pop()) {
            int length = (int) Math.min(chain.writableBytes(), MAX_REQUEST);
            source.fill(bytes);
            chain.write(0, bytes, 0, length);
            queue.push(chain, length);
            queue.flush();
        }
    }

    /** No state but the queue's: a driver cannot tell which random bytes it would have got. */
    @Override
    public void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
    }

    @Override
    public void load(StateReader in) {
        in.getVersion(STATE_VERSION);
    }
}
