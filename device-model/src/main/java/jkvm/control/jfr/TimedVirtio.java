package jkvm.control.jfr;

import jkvm.device.virtio.DeviceLink;
import jkvm.device.virtio.QueueWork;
import jkvm.device.virtio.VirtioDevice;
import jkvm.device.virtio.queue.QueueMeter;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** Tells each service of a virtio device's queues in which requests were given back. */
final class TimedVirtio implements VirtioDevice {
    private final VirtioDevice device;
    private final Batch[] batches;

    TimedVirtio(VirtioDevice device) {
        this.device = device;
        batches = new Batch[device.queues()];
        for (int i = 0; i < batches.length; i++) {
            batches[i] = new Batch(device.name(), i);
        }
    }

    /** The requests of one service of a queue. For the one thread that serves it then. */
    private static final class Batch implements QueueMeter {
        private final String device;
        private final int index;
        private int chains;
        private long bytes;

        Batch(String device, int index) {
            this.device = device;
            this.index = index;
        }

        VirtqueueEvent begin(VirtQueue queue) {
            queue.meter(this);
            chains = 0;
            bytes = 0;
            VirtqueueEvent event = new VirtqueueEvent();
            event.begin();
            return event;
        }

        @Override
        public void completed(int moreChains, long moreBytes) {
            chains += moreChains;
            bytes += moreBytes;
        }

        void end(VirtqueueEvent event) {
            event.end();
            if (chains > 0 && event.shouldCommit()) {
                event.device = device;
                event.queue = index;
                event.chains = chains;
                event.bytes = bytes;
                event.commit();
            }
        }
    }

    @Override
    public void serve(int index, VirtQueue queue) {
        VirtqueueEvent event = batches[index].begin(queue);
        try {
            device.serve(index, queue);
        } finally {
            batches[index].end(event);
        }
    }

    @Override
    public void start(long features, DeviceLink link) {
        device.start(features, new Link(link));
    }

    private final class Link implements DeviceLink {
        private final DeviceLink link;

        Link(DeviceLink link) {
            this.link = link;
        }

        @Override
        public void wake(int queue) {
            link.wake(queue);
        }

        @Override
        public void configChanged() {
            link.configChanged();
        }

        @Override
        public boolean serve(int index, QueueWork work) {
            return link.serve(index, queue -> {
                VirtqueueEvent event = batches[index].begin(queue);
                try {
                    work.run(queue);
                } finally {
                    batches[index].end(event);
                }
            });
        }
    }

    @Override
    public String name() {
        return device.name();
    }

    @Override
    public int type() {
        return device.type();
    }

    @Override
    public int queues() {
        return device.queues();
    }

    @Override
    public int maxQueueSize(int queue) {
        return device.maxQueueSize(queue);
    }

    @Override
    public long features() {
        return device.features();
    }

    @Override
    public int configSize() {
        return device.configSize();
    }

    @Override
    public int readConfig(int offset) {
        return device.readConfig(offset);
    }

    @Override
    public void writeConfig(int offset, int value) {
        device.writeConfig(offset, value);
    }

    @Override
    public void stop() {
        device.stop();
    }

    @Override
    public void save(StateWriter out) {
        device.save(out);
    }

    @Override
    public void load(StateReader in) {
        device.load(in);
    }
}
