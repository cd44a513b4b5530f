package jkvm.device.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jkvm.bus.FakeMsiSink;
import jkvm.device.pci.PciFixture;
import jkvm.device.virtio.queue.QueueDriver;
import jkvm.device.virtio.queue.QueueDriver.Buffer;
import jkvm.device.virtio.transport.FakeWorkers;
import jkvm.device.virtio.transport.PciDriver;
import jkvm.device.virtio.transport.QueueDoorbells;
import jkvm.device.virtio.transport.VirtioDriver;
import jkvm.device.virtio.transport.VirtioPci;
import jkvm.host.net.RecordingBackend;
import jkvm.memory.GuestMemory;
import jkvm.work.Workers;

/** A virtio network card on a bus in a machine without a guest, its driver's side, and a wire. */
final class NetFixture {
    static final long MAC = 0x525400123456L;
    static final int QUEUE_SIZE = 16;
    static final int HEADER = VirtioNet.HEADER_SIZE;
    static final int NEEDS_CSUM = 1, DATA_VALID = 2;
    private static final long BUFFERS = 0x40000;

    final GuestMemory memory;
    final QueueDriver receive;
    final QueueDriver transmit;
    final QueueDriver control;
    final RecordingBackend backend = new RecordingBackend();
    /** Null if the queues have threads of their own. */
    final FakeWorkers workers;
    final VirtioNet nic;
    final VirtioPci function;
    final PciDriver driver;
    private final Map<Integer, Buffer[]> offered = new HashMap<>();
    private long nextBuffer = BUFFERS;

    /** A frame in the driver's buffers. */
    record Received(byte[] header, byte[] frame) {
        int field(int offset) {
            return ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getShort(offset) & 0xFFFF;
        }

        int buffers() {
            return field(10);
        }
    }

    NetFixture() {
        this(NetSettings.DEFAULT);
    }

    NetFixture(NetSettings settings) {
        this(settings, QueueDriver.newMemory());
    }

    /** @param memory of another machine, which this one replaces */
    NetFixture(NetSettings settings, GuestMemory memory) {
        this(settings, memory, new FakeWorkers());
    }

    NetFixture(NetSettings settings, GuestMemory memory, Workers threads) {
        this.memory = memory;
        workers = threads instanceof FakeWorkers fake ? fake : null;
        receive = VirtioDriver.queue(memory, VirtioNet.RECEIVE_QUEUE, QUEUE_SIZE);
        transmit = VirtioDriver.queue(memory, VirtioNet.TRANSMIT_QUEUE, QUEUE_SIZE);
        control = VirtioDriver.queue(memory, VirtioNet.CONTROL_QUEUE, QUEUE_SIZE);
        nic = new VirtioNet("net", MAC, settings, backend);
        PciFixture pci = new PciFixture();
        function = pci.plug(new VirtioPci(nic, 0x020000, memory, threads,
                workers == null ? QueueDoorbells.NONE : workers, new FakeMsiSink()));
        driver = new PciDriver(pci);
    }

    /** A set of features. */
    static long features(NetFeature... wanted) {
        return Arrays.stream(wanted).mapToLong(NetFeature::bit).reduce(0, (a, b) -> a | b);
    }

    /** Starts a driver with all that is offered. */
    NetFixture start() {
        return start(nic.features());
    }

    NetFixture start(long features) {
        offered.clear();
        driver.start(features, receive, transmit, control);
        return this;
    }

    private long allocate(int length) {
        if (nextBuffer + length > QueueDriver.MEMORY_SIZE) {
            nextBuffer = BUFFERS;
        }
        long address = nextBuffer;
        nextBuffer += length + 15 & ~15;
        return address;
    }

    Buffer readable(byte... content) {
        Buffer buffer = new Buffer(allocate(content.length), content.length, false);
        memory.write(buffer.address(), content);
        return buffer;
    }

    Buffer writable(int length) {
        Buffer buffer = new Buffer(allocate(length), length, true);
        memory.fill(buffer.address(), length, (byte) 0xEE);
        return buffer;
    }

    /** A header as a driver writes it. */
    static byte[] header(int flags, int gsoType, int headerLength, int gsoSize, int start, int offset) {
        return ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN).put((byte) flags).put((byte) gsoType)
                .putShort((short) headerLength).putShort((short) gsoSize).putShort((short) start)
                .putShort((short) offset).array();
    }

    static byte[] plain() {
        return new byte[HEADER];
    }

    /** Sends a frame in one buffer, after its header. */
    void send(byte[] header, byte[] frame) {
        send(readable(header), readable(frame));
    }

    void send(Buffer... buffers) {
        transmit.request(buffers);
        driver.notify(VirtioNet.TRANSMIT_QUEUE);
    }

    /** Offers a request for one frame, or a part of it. */
    void offer(int... lengths) {
        Buffer[] buffers = Arrays.stream(lengths).mapToObj(this::writable).toArray(Buffer[]::new);
        offered.put(receive.request(buffers), buffers);
        driver.notify(VirtioNet.RECEIVE_QUEUE);
    }

    /** The oldest frame that was not taken yet, or null. */
    Received take() {
        QueueDriver.Used first = receive.takeUsed();
        if (first == null) {
            return null;
        }
        List<byte[]> parts = new ArrayList<>(List.of(content(first)));
        Received received = new Received(Arrays.copyOf(parts.getFirst(), HEADER), new byte[0]);
        for (int i = 1; i < received.buffers(); i++) {
            parts.add(content(receive.takeUsed()));
        }
        ByteBuffer all = ByteBuffer.allocate(parts.stream().mapToInt(part -> part.length).sum());
        parts.forEach(all::put);
        return new Received(received.header, Arrays.copyOfRange(all.array(), HEADER, all.capacity()));
    }

    private byte[] content(QueueDriver.Used used) {
        ByteBuffer all = ByteBuffer.allocate(used.length());
        for (Buffer buffer : offered.remove(used.head())) {
            all.put(receive.content(buffer), 0, Math.min(buffer.length(), all.remaining()));
        }
        assertEquals(0, all.remaining());
        return all.array();
    }

    /**
     * Gives a command.
     *
     * @return the answer, or -1 for none
     */
    int command(int commandClass, int command, byte... data) {
        byte[] bytes = new byte[2 + data.length];
        bytes[0] = (byte) commandClass;
        bytes[1] = (byte) command;
        System.arraycopy(data, 0, bytes, 2, data.length);
        return command(readable(bytes));
    }

    /** Gives a command with a status byte after it. */
    int command(Buffer... buffers) {
        Buffer[] all = Arrays.copyOf(buffers, buffers.length + 1);
        Buffer status = writable(1);
        all[buffers.length] = status;
        control.request(all);
        driver.notify(VirtioNet.CONTROL_QUEUE);
        return control.takeUsed() == null ? -1 : control.content(status)[0];
    }

    void setMode(int mode, boolean on) {
        assertEquals(ControlQueue.OK, command(ControlQueue.RX_CLASS, mode, (byte) (on ? 1 : 0)));
    }

    boolean needsReset() {
        return (driver.status() & VirtioDriver.NEEDS_RESET) != 0;
    }
}
