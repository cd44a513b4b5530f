package jkvm.device.usb.xhci;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import jkvm.bus.FakeMsiSink;
import jkvm.device.pci.PciFixture;
import jkvm.device.usb.UsbDevice;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.work.FakeClock;
import jkvm.work.FakeWorker;

/**
 * A controller on a bus in a machine without a guest, and what a driver does with it: rings, contexts and commands in
 * memory of its own.
 */
final class XhciDriver {
    static final long BAR = 0xFEB00000L;
    static final int OPERATIONAL = XhciCapabilities.LENGTH;
    static final int MEMORY_SIZE = 1 << 20;
    static final long CONTEXT_ARRAY = 0x1000;
    static final long COMMANDS = 0x2000;
    static final long EVENTS = 0x3000;
    static final long EVENT_TABLE = 0x4000;
    static final long INPUT = 0x5000;
    static final long OUTPUT = 0x6000;
    static final long CONTROL_RING = 0x8000;
    static final long INTERRUPT_RING = 0x9000;
    static final long BUFFER = 0xA000;
    static final int EVENT_COUNT = 16;
    static final int RUN = 1, INTERRUPTS = 4;
    static final int ENABLE_SLOT = 9, DISABLE_SLOT = 10, ADDRESS_DEVICE = 11, CONFIGURE_ENDPOINT = 12,
            EVALUATE_CONTEXT = 13, RESET_ENDPOINT = 14, STOP_ENDPOINT = 15, SET_DEQUEUE = 16, RESET_DEVICE = 17,
            NO_OP_COMMAND = 23;
    static final int INTERRUPT_IN_1 = 3;

    final PciFixture pci = new PciFixture();
    final GuestMemory memory =
            new GuestMemory(List.of(new MemoryRegion(0, Arena.ofAuto().allocate(MEMORY_SIZE, 4096))));
    final FakeClock clock = new FakeClock();
    final Xhci xhci;
    private FakeWorker worker;
    private long command = COMMANDS;
    private int event;
    private boolean eventCycle = true;
    private long control = CONTROL_RING;
    private long interrupt = INTERRUPT_RING;

    /** An event of the guest's ring. */
    record Event(int type, long parameter, int code, int length, int slot, int endpoint) {
    }

    XhciDriver(UsbDevice... devices) {
        xhci = pci.plug(new Xhci("usb", new Xhci.Ports(4, 4), memory, clock, new FakeMsiSink(), this::worker));
        for (UsbDevice device : devices) {
            xhci.plug(device, 0);
        }
        enable();
    }

    /** Gives it its addresses, as firmware does after a reset. */
    void enable() {
        pci.write(0x10, 4, BAR);
        pci.write(0x14, 4, 0);
        pci.enable();
    }

    private FakeWorker worker(Runnable work) {
        worker = new FakeWorker(work);
        return worker;
    }

    void work() {
        worker.runIfWoken();
    }

    /** Begins with empty rings. */
    void rewind() {
        memory.fill(0, MEMORY_SIZE, (byte) 0);
        command = COMMANDS;
        event = 0;
        eventCycle = true;
        control = CONTROL_RING;
        interrupt = INTERRUPT_RING;
    }

    int read(int offset) {
        return (int) pci.memory.dispatchRead(BAR + offset, 4);
    }

    /** Writes a register, and lets the worker do what it then has to do. */
    void write(int offset, long value) {
        pci.memory.dispatchWrite(BAR + offset, 4, value & 0xFFFFFFFFL);
        work();
    }

    void writeLong(int offset, long value) {
        write(offset, value);
        write(offset + 4, value >>> 32);
    }

    /** Sets the rings up and starts the controller. */
    XhciDriver start() {
        write(OPERATIONAL, 2);
        write(OPERATIONAL + OperationalRegisters.CONFIGURE_OFFSET, 64);
        writeLong(OPERATIONAL + OperationalRegisters.CONTEXT_ARRAY_LOW_OFFSET, CONTEXT_ARRAY);
        writeLong(OPERATIONAL + OperationalRegisters.COMMAND_RING_LOW_OFFSET, COMMANDS | 1);
        memory.writeLong(EVENT_TABLE, EVENTS);
        memory.writeInt(EVENT_TABLE + 8, EVENT_COUNT);
        write(Xhci.INTERRUPTER_OFFSET + 8, 1);
        writeLong(Xhci.INTERRUPTER_OFFSET + 0x18, EVENTS);
        writeLong(Xhci.INTERRUPTER_OFFSET + 0x10, EVENT_TABLE);
        write(Xhci.INTERRUPTER_OFFSET, 2);
        write(OPERATIONAL, RUN | INTERRUPTS);
        return this;
    }

    /** The next event, or null; the controller is told that it was taken. */
    Event next() {
        Event result = peek();
        if (result != null) {
            event = (event + 1) % EVENT_COUNT;
            eventCycle ^= event == 0;
            writeLong(Xhci.INTERRUPTER_OFFSET + 0x18, EVENTS + 16L * event | 8);
        }
        return result;
    }

    Event peek() {
        long at = EVENTS + 16L * event;
        int word = memory.readInt(at + 12);
        if ((word & 1) != 0 != eventCycle) {
            return null;
        }
        int status = memory.readInt(at + 8);
        return new Event(word >>> 10 & 0x3F, memory.readLong(at), status >>> 24, status & 0xFFFFFF, word >>> 24,
                word >>> 16 & 0x1F);
    }

    List<Event> events() {
        List<Event> all = new ArrayList<>();
        for (Event next = next(); next != null; next = next()) {
            all.add(next);
        }
        return all;
    }

    void trb(long at, long parameter, int status, int word) {
        memory.writeLong(at, parameter);
        memory.writeInt(at + 8, status);
        memory.writeInt(at + 12, word);
    }

    /** Gives a command and takes its event. Events before it are dropped. */
    Event command(int type, long parameter, int further) {
        trb(command, parameter, 0, type << 10 | further | 1);
        long address = command;
        command += 16;
        write(Xhci.DOORBELL_OFFSET, 0);
        for (Event done : events()) {
            if (done.type() == Trb.COMMAND_COMPLETION_EVENT && done.parameter() == address) {
                return done;
            }
        }
        throw new AssertionError("the command has no event");
    }

    /** Enables the port of USB 2 with this number and addresses its device in slot 1. */
    void address(int port) {
        write(portRegister(4 + port), 1 << 4 | 1 << 9);
        command(ENABLE_SLOT, 0, 0);
        addressSlot(4 + port, 0);
    }

    Event addressSlot(int port, int further) {
        memory.writeLong(CONTEXT_ARRAY + 8, OUTPUT);
        memory.fill(INPUT, DeviceContext.WHOLE_INPUT, (byte) 0);
        memory.writeInt(INPUT + 4, 3);
        memory.writeInt(INPUT + 32, 1 << 27 | UsbSpeedBits.HIGH);
        memory.writeInt(INPUT + 36, port << 16);
        memory.writeInt(INPUT + 64 + 4, Endpoint.CONTROL << 3 | 64 << 16);
        memory.writeLong(INPUT + 64 + 8, CONTROL_RING | 1);
        return command(ADDRESS_DEVICE, INPUT, 1 << 24 | further);
    }

    static int portRegister(int port) {
        return Xhci.PORT_OFFSET + (port - 1) * RootPort.SIZE;
    }

    /** Adds interrupt endpoint 1 to the host. */
    Event configure() {
        memory.fill(INPUT, DeviceContext.WHOLE_INPUT, (byte) 0);
        memory.writeInt(INPUT + 4, 1 | 1 << INTERRUPT_IN_1);
        long context = DeviceContext.inInput(INPUT, INTERRUPT_IN_1);
        memory.writeInt(context + 4, Endpoint.INTERRUPT_IN << 3 | 8 << 16);
        memory.writeLong(context + 8, INTERRUPT_RING | 1);
        return command(CONFIGURE_ENDPOINT, INPUT, 1 << 24);
    }

    /** Puts a TRB into the ring of the default endpoint. */
    void control(long parameter, int status, int word) {
        trb(control, parameter, status, word | 1);
        control += 16;
    }

    /** A request with data to the host, and the event of its last stage; data come to BUFFER. */
    Event request(int type, int request, int value, int length) {
        control(type | request << 8 | (long) value << 16 | (long) length << 48, 8,
                Trb.SETUP_STAGE << 10 | Trb.IMMEDIATE_DATA_BIT);
        if (length > 0) {
            control(BUFFER, length, Trb.DATA_STAGE << 10 | Trb.DIRECTION_IN_BIT | Trb.INTERRUPT_ON_SHORT_BIT);
        }
        control(0, 0, Trb.STATUS_STAGE << 10 | Trb.INTERRUPT_ON_COMPLETION_BIT);
        ring(1);
        return events().getLast();
    }

    /** Asks the interrupt endpoint for a report, which comes to BUFFER. */
    long ask(int length) {
        trb(interrupt, BUFFER, length, Trb.NORMAL << 10 | Trb.INTERRUPT_ON_COMPLETION_BIT | 1);
        long address = interrupt;
        interrupt += 16;
        ring(INTERRUPT_IN_1);
        return address;
    }

    void ring(int endpoint) {
        write(Xhci.DOORBELL_OFFSET + 4, endpoint);
    }

    byte[] buffer(int length) {
        byte[] bytes = new byte[length];
        memory.read(BUFFER, bytes, 0, length);
        return bytes;
    }

    /** Where a slot's context has the speed. */
    private static final class UsbSpeedBits {
        static final int HIGH = 3 << 20;
    }
}
