package jkvm.device.virtio.transport;

import jkvm.device.virtio.DeviceLink;
import jkvm.device.virtio.VirtioDevice;
import jkvm.device.virtio.queue.DescriptorChain;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** Two queues that give back what they are given; four bytes of configuration. */
final class EchoDevice implements VirtioDevice {
    static final long FEATURE = 1L << 3;

    final byte[] config = {1, 2, 3, 4};
    private final int type;
    DeviceLink link;
    long features;
    int served;
    /** Resets that were complete. */
    int stops;
    /** Called with each request taken, before it is answered. */
    Runnable inRequest = () -> { };

    EchoDevice() {
        this(42);
    }

    EchoDevice(int type) {
        this.type = type;
    }

    @Override
    public String name() {
        return "echo";
    }

    @Override
    public int type() {
        return type;
    }

    @Override
    public int queues() {
        return 2;
    }

    @Override
    public int maxQueueSize(int queue) {
        return 16;
    }

    @Override
    public long features() {
        return FEATURE;
    }

    @Override
    public int configSize() {
        return config.length;
    }

    @Override
    public int readConfig(int offset) {
        return config[offset];
    }

    @Override
    public void writeConfig(int offset, int value) {
        config[offset] = (byte) value;
    }

    @Override
    public void start(long newFeatures, DeviceLink newLink) {
        features = newFeatures;
        link = newLink;
    }

    @Override
    public void stop() {
        link = null;
        stops++;
    }

    @Override
    public void serve(int index, VirtQueue queue) {
        for (DescriptorChain chain = queue.pop(); chain != null; chain = queue.pop()) {
            inRequest.run();
            int length = (int) Math.min(chain.readableBytes(), chain.writableBytes());
            byte[] bytes = new byte[length];
            chain.read(0, bytes, 0, length);
            chain.write(0, bytes, 0, length);
            queue.push(chain, length);
            queue.flush();
            served++;
        }
    }

    @Override
    public void save(StateWriter out) {
        out.putVersion(1);
        out.putBytes("config", config);
    }

    @Override
    public void load(StateReader in) {
        in.getVersion(1);
        System.arraycopy(in.getBytes("config", config.length), 0, config, 0, config.length);
    }
}
