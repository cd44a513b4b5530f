package jkvm.device.virtio.console;

import jkvm.device.virtio.DeviceLink;
import jkvm.device.virtio.VirtioDevice;
import jkvm.device.virtio.queue.DescriptorChain;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.host.chardev.CharDevice;
import jkvm.host.chardev.Chardev;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** A console. Its lock guards the bytes that wait for the driver; the chardev is called without it. */
public final class VirtioConsole implements VirtioDevice, CharDevice {
    public static final int TYPE = 3;
    /** Bytes of input that wait for a driver's buffer. */
    public static final int INPUT_SIZE = 1024;

    static final int RECEIVE_QUEUE = 0;
    static final int TRANSMIT_QUEUE = 1;
    static final long SIZE = 1L;
    static final long EMERGENCY_WRITE = 1L << 2;
    static final int COLUMNS_OFFSET = 0;
    static final int ROWS_OFFSET = 2;
    static final int EMERGENCY_OFFSET = 8;
    static final int CONFIG_SIZE = 12;

    private static final int STATE_VERSION = 1;
    private static final int OUTPUT_PART = 512;

    private final String name;
    private final Chardev chardev;
    private final byte[] input = new byte[INPUT_SIZE];
    private int inputStart;
    private int inputCount;
    private int columns;
    private int rows;
    private DeviceLink link;
    /** How much of the oldest output request the host has taken. Used by the thread of the transmit queue. */
    private long sent;
    private VirtQueue transmitting;
    private final byte[] output = new byte[OUTPUT_PART];

    /** @param chardev gets this device connected */
    @SuppressWarnings("this-escape")
    public VirtioConsole(String name, Chardev chardev) {
        this.name = name;
        this.chardev = chardev;
        chardev.connect(this);
        chardev.watchWindow(this::resize);
    }

    /** The window of the host's terminal has another size now; 0 by 0 was one that is not known. */
    private void resize(int newColumns, int newRows) {
        synchronized (this) {
            columns = newColumns;
            rows = newRows;
            if (link != null) {
                link.configChanged();
            }
        }
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
        return 2;
    }

    @Override
    public int maxQueueSize(int queue) {
        return 128;
    }

    @Override
    public long features() {
        return SIZE | EMERGENCY_WRITE;
    }

    @Override
    public int configSize() {
        return CONFIG_SIZE;
    }

    @Override
    public synchronized int readConfig(int offset) {
        return switch (offset) {
            case COLUMNS_OFFSET -> columns;
            case COLUMNS_OFFSET + 1 -> columns >>> 8;
            case ROWS_OFFSET -> rows;
            case ROWS_OFFSET + 1 -> rows >>> 8;
            default -> 0;
        };
    }

    @Override
    public void writeConfig(int offset, int value) {
        if (offset == EMERGENCY_OFFSET) {
            chardev.transmit((byte) value);
        }
    }

    @Override
    public synchronized void start(long features, DeviceLink newLink) {
        link = newLink;
    }

    @Override
    public synchronized void stop() {
        link = null;
        sent = 0;
        transmitting = null;
    }

    @Override
    public void serve(int index, VirtQueue queue) {
        if (index == RECEIVE_QUEUE) {
            receive(queue);
        } else {
            transmit(queue);
        }
    }

    private void receive(VirtQueue queue) {
        boolean wasFull = false;
        while (hasInput()) {
            DescriptorChain chain = queue.pop();
            if (chain == null) {
                break;
            }
            synchronized (this) {
                wasFull |= inputCount == INPUT_SIZE;
                queue.push(chain, take(chain));
            }
        }
        queue.flush();
        if (wasFull) {
            chardev.inputWanted();
        }
    }

    private synchronized boolean hasInput() {
        return inputCount > 0;
    }

    /** Moves as much input as there is, and fits, to the driver's buffer. */
    private int take(DescriptorChain chain) {
        int count = (int) Math.min(inputCount, chain.writableBytes());
        int first = Math.min(count, INPUT_SIZE - inputStart);
        chain.write(0, input, inputStart, first);
        chain.write(first, input, 0, count - first);
        inputStart = (inputStart + count) % INPUT_SIZE;
        inputCount -= count;
        return count;
    }

    private void transmit(VirtQueue queue) {
        if (queue != transmitting) {
            // Only requests of a loaded state continue in another queue.
            sent = transmitting == null ? sent : 0;
            transmitting = queue;
        }
        for (DescriptorChain chain = queue.pop(); chain != null; chain = queue.pop()) {
            if (!send(chain)) {
                queue.putBack(chain);
                break;
            }
            sent = 0;
            queue.push(chain, 0);
        }
        queue.flush();
    }

    /** @return false if the host does not take all of it now; {@link #writable()} follows when it takes more */
    private boolean send(DescriptorChain chain) {
        while (sent < chain.readableBytes()) {
            int length = (int) Math.min(OUTPUT_PART, chain.readableBytes() - sent);
            chain.read(sent, output, 0, length);
            for (int i = 0; i < length; i++) {
                if (!chardev.transmit(output[i])) {
                    return false;
                }
                sent++;
            }
        }
        return true;
    }

    @Override
    public synchronized int receivable() {
        return INPUT_SIZE - inputCount;
    }

    @Override
    public void receive(byte[] data, int offset, int length) {
        synchronized (this) {
            int count = Math.min(length, INPUT_SIZE - inputCount);
            for (int i = 0; i < count; i++) {
                input[(inputStart + inputCount) % INPUT_SIZE] = data[offset + i];
                inputCount++;
            }
        }
        wake(RECEIVE_QUEUE);
    }

    @Override
    public void writable() {
        wake(TRANSMIT_QUEUE);
    }

    private void wake(int queue) {
        DeviceLink woken;
        synchronized (this) {
            woken = link;
        }
        if (woken != null) {
            woken.wake(queue);
        }
    }

    @Override
    public void connected(boolean present) {
        // One port without a control queue: the driver takes it as connected.
    }

    @Override
    public synchronized void save(StateWriter out) {
        byte[] waiting = new byte[inputCount];
        for (int i = 0; i < inputCount; i++) {
            waiting[i] = input[(inputStart + i) % INPUT_SIZE];
        }
        out.putVersion(STATE_VERSION);
        out.putInt("inputCount", inputCount);
        out.putBytes("input", waiting);
        out.putLong("sent", sent);
    }

    @Override
    public synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        inputCount = in.getInt("inputCount", 0, INPUT_SIZE);
        inputStart = 0;
        System.arraycopy(in.getBytes("input", inputCount), 0, input, 0, inputCount);
        sent = Math.max(0, in.getLong("sent"));
    }
}
