package jkvm.device.usb.xhci;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Function;
import jkvm.bus.IoHandler;
import jkvm.bus.MsiSink;
import jkvm.bus.RegisterNames;
import jkvm.device.pci.Msix;
import jkvm.device.pci.PciFunction;
import jkvm.device.pci.PciIdentity;
import jkvm.device.usb.UsbBus;
import jkvm.device.usb.UsbDevice;
import jkvm.memory.GuestAddressException;
import jkvm.memory.GuestMemory;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.VmClock;
import jkvm.work.Worker;

/**
 * An xHCI host controller: registers in BAR 0, as QEMU's {@code qemu-xhci} lays them out.
 *
 * <p>One lock guards all state; doorbells and devices' calls only set bits and wake the worker, which does the rest.
 * With the lock held it calls guest memory, the interrupt line, messages and devices on its ports.
 */
public final class Xhci extends PciFunction implements IoHandler, UsbBus, EndpointTransfers.EventSink,
        AutoCloseable {
    static final int MAX_PORTS = 30;
    static final int SLOTS = 64;
    static final int INTERRUPTERS = 16;
    static final int BAR_SIZE = 0x4000;
    static final int RUNTIME_OFFSET = 0x1000;
    static final int DOORBELL_OFFSET = 0x2000;
    static final int MSIX_OFFSET = 0x3000;
    static final int INTERRUPTER_OFFSET = RUNTIME_OFFSET + 0x20;

    private static final int DEVICE = 0x000D;
    private static final int REVISION = 1;
    private static final int CLASS = 0x0C0330;
    private static final int RELEASE_OFFSET = 0x60;
    private static final int RELEASE_3_0 = 0x30;
    private static final int MSIX_CAPABILITY = 0x90;
    static final int PORT_OFFSET = XhciCapabilities.LENGTH + 0x400;
    private static final int FRAME_NANOS = 125_000;
    private static final int FRAME_MASK = 0x3FFF;
    private static final int ENDPOINT_MASK = 0x1F;
    private static final int STATE_VERSION = 1;

    private final VmClock clock;
    private final Msix msix;
    private final Worker worker;
    private final Object lock = new Object();
    private final OperationalRegisters registers;
    private final RootHub hub;
    private final XhciCapabilities capabilities;
    private final Interrupter[] interrupters = new Interrupter[INTERRUPTERS];
    private final DeviceSlot[] slots = new DeviceSlot[SLOTS + 1];
    private final CommandRing commands;
    private final EndpointTransfers transfers;
    /** Endpoints of each slot that are to be served, by index; bit 0 of slot 0 is the command ring. */
    private final AtomicIntegerArray due = new AtomicIntegerArray(SLOTS + 1);
    /** When the guest started it: microframes count from here. */
    private long started;

    /**
     * How many ports there are, each 1 to 15.
     *
     * @param usb2 for devices of USB 1 and 2
     * @param usb3 for those of USB 3
     */
    public record Ports(int usb2, int usb3) {
        int all() {
            return usb2 + usb3;
        }
    }

    /** @param workers makes the controller's worker */
    @SuppressWarnings("this-escape")
    public Xhci(String name, Ports counts, GuestMemory memory, VmClock clock, MsiSink sink,
            Function<Runnable, Worker> workers) {
        super(name, new PciIdentity(PciIdentity.RED_HAT, DEVICE, REVISION, CLASS, PciIdentity.VIRTIO,
                PciIdentity.QEMU_SUBSYSTEM, 1));
        this.clock = clock;
        define(RELEASE_OFFSET, 1, RELEASE_3_0, 0);
        addWideMemoryBar(0, BAR_SIZE, false, this);
        msix = addMsix(MSIX_CAPABILITY, 0, MSIX_OFFSET, INTERRUPTERS, sink);
        registers = new OperationalRegisters(this);
        capabilities = new XhciCapabilities(counts);
        for (int i = 0; i < INTERRUPTERS; i++) {
            interrupters[i] = new Interrupter(memory);
        }
        for (int i = 1; i <= SLOTS; i++) {
            slots[i] = new DeviceSlot(memory);
        }
        transfers = new EndpointTransfers(memory, this);
        commands = new CommandRing(memory, this, transfers, slots);
        hub = new RootHub(counts, this::portChanged, this::wake);
        worker = workers.apply(this::round);
    }

    private void wake() {
        worker.wake();
    }

    @Override
    public int plug(UsbDevice device, int port) {
        synchronized (lock) {
            return hub.plug(device, port);
        }
    }

    @Override
    public long read(long offset, int size) {
        if (offset >= MSIX_OFFSET) {
            return msix.window().read(offset - MSIX_OFFSET, size);
        }
        int at = (int) offset & ~3;
        synchronized (lock) {
            long word = readWord(at) & 0xFFFFFFFFL;
            return size == Long.BYTES ? word | (long) readWord(at + Integer.BYTES) << 32
                    : word >>> 8 * (offset & 3);
        }
    }

    private int readWord(int offset) {
        if (offset < XhciCapabilities.LENGTH) {
            return capabilities.read(offset);
        }
        if (offset < PORT_OFFSET) {
            return registers.read(offset - XhciCapabilities.LENGTH);
        }
        if (offset < PORT_OFFSET + hub.size()) {
            return hub.read(offset - PORT_OFFSET);
        }
        if (offset == RUNTIME_OFFSET) {
            return registers.isRunning() ? (int) ((clock.nanoTime() - started) / FRAME_NANOS) & FRAME_MASK : 0;
        }
        int interrupter = interrupterAt(offset);
        return interrupter < 0 ? 0 : interrupters[interrupter].read(offset % Interrupter.SIZE);
    }

    private static int interrupterAt(int offset) {
        int index = (offset - INTERRUPTER_OFFSET) / Interrupter.SIZE;
        return offset >= INTERRUPTER_OFFSET && index < INTERRUPTERS ? index : -1;
    }

    /** Registers are written as a whole: narrower writes change nothing. */
    @Override
    public void write(long offset, int size, long value) {
        if (offset >= MSIX_OFFSET) {
            msix.window().write(offset - MSIX_OFFSET, size, value);
            return;
        }
        if (size < Integer.BYTES || (offset & 3) != 0) {
            return;
        }
        synchronized (lock) {
            writeWord((int) offset, (int) value);
            if (size == Long.BYTES) {
                writeWord((int) offset + Integer.BYTES, (int) (value >>> 32));
            }
            tell();
        }
    }

    private void writeWord(int offset, int value) {
        if (offset >= DOORBELL_OFFSET) {
            ring((offset - DOORBELL_OFFSET) / Integer.BYTES, value);
        } else if (offset >= XhciCapabilities.LENGTH && offset < PORT_OFFSET) {
            registers.write(offset - XhciCapabilities.LENGTH, value);
        } else if (offset >= PORT_OFFSET && offset < PORT_OFFSET + hub.size()) {
            hub.write(offset - PORT_OFFSET, value);
        } else if (interrupterAt(offset) >= 0) {
            Interrupter interrupter = interrupters[interrupterAt(offset)];
            if (!interrupter.write(offset % Interrupter.SIZE, value)) {
                registers.fail();
            }
            interrupter.flush();
            worker.wake();
        }
    }

    private void ring(int slot, int target) {
        int endpoint = target & ENDPOINT_MASK;
        if (slot == 0 && target == 0) {
            registers.startCommandRing();
            due.set(0, 1);
        } else if (slot > 0 && slot <= SLOTS && endpoint > 0) {
            due.getAndUpdate(slot, bits -> bits | 1 << endpoint);
        }
        worker.wake();
    }

    /** On the worker. */
    private void round() {
        synchronized (lock) {
            markReadyDevices();
            boolean isMore = false;
            try {
                isMore = registers.isRunning() && isBusMaster() && hasRoom() && serve();
            } catch (GuestAddressException | TrbRing.RingException e) {
                registers.fail();
            }
            tell();
            if (isMore) {
                worker.wake();
            }
        }
    }

    /** Endpoints that wait are asked again when their device has something. */
    private void markReadyDevices() {
        int bits = hub.takeReady();
        for (int slot = 1; slot <= SLOTS && bits != 0; slot++) {
            if (slots[slot].isAddressed() && (bits & 1 << slots[slot].port() - 1) != 0) {
                int waiting = slots[slot].waiting();
                due.getAndUpdate(slot, old -> old | waiting);
            }
        }
    }

    private boolean serve() {
        boolean isMore = false;
        if (due.getAndSet(0, 0) != 0 && registers.commandRingRuns()) {
            isMore = again(0, 0, commands.serve());
        }
        for (int slot = 1; slot <= SLOTS; slot++) {
            int bits = due.getAndSet(slot, 0);
            while (bits != 0) {
                int index = Integer.numberOfTrailingZeros(bits);
                bits &= bits - 1;
                Endpoint endpoint = slots[slot].endpoint(index);
                if (endpoint != null) {
                    endpoint.start();
                    isMore |= again(slot, index,
                            transfers.serve(slot, endpoint, hub.deviceAt(slots[slot].port())));
                }
            }
        }
        return isMore;
    }

    /** What has more to do, or had no room for its events, stays due. */
    private boolean again(int slot, int index, boolean isMore) {
        if (isMore || !hasRoom()) {
            due.getAndUpdate(slot, bits -> bits | 1 << index);
        }
        return isMore;
    }

    /** An endpoint is stopped: doorbells before that do not start it again. */
    void forgetDoorbell(int slot, int endpoint) {
        due.getAndUpdate(slot, bits -> bits & ~(1 << endpoint));
    }

    RootHub hub() {
        return hub;
    }

    long contextArray() {
        return registers.contextArray();
    }

    int enabledSlots() {
        return registers.enabledSlots();
    }

    void newCommandRing(long pointer) {
        commands.start(pointer);
    }

    void commandRingStopped() {
        commands.stop();
    }

    /** The guest starts it, and is told of what has changed on the ports before. */
    void started() {
        started = clock.nanoTime();
        hub.tellChanges();
        worker.wake();
    }

    private void portChanged(int port) {
        registers.portChanged();
        if (registers.isRunning()) {
            post(0, (long) (port + 1) << 24, Completion.SUCCESS << 24,
                    Trb.controlOf(Trb.PORT_STATUS_CHANGE_EVENT));
            tell();
        }
    }

    @Override
    public void post(int interrupter, long parameter, int status, int control) {
        if (interrupter < INTERRUPTERS) {
            interrupters[interrupter].post(parameter, status, control);
        }
    }

    @Override
    public boolean hasRoom() {
        for (Interrupter interrupter : interrupters) {
            if (interrupter.isFull()) {
                return false;
            }
        }
        return true;
    }

    /** Interrupts the guest where there are news, by messages if it uses these, else by the pin (section 4.17). */
    private void tell() {
        boolean usesMessages = msix.isEnabled();
        for (int i = 0; i < INTERRUPTERS; i++) {
            if (interrupters[i].takeNews()) {
                registers.eventTold();
                if (usesMessages && registers.interruptsEnabled() && interrupters[i].isAsserted()) {
                    interrupters[i].messageSent();
                    msix.signal(i);
                }
            }
        }
        setInterrupt(!usesMessages && registers.interruptsEnabled() && interrupters[0].isAsserted());
    }

    /** As the guest asks for: ports see their devices anew. */
    void resetController() {
        registers.reset();
        for (int i = 0; i <= SLOTS; i++) {
            due.set(i, 0);
            if (i > 0) {
                slots[i].disable();
            }
        }
        for (Interrupter interrupter : interrupters) {
            interrupter.reset();
        }
        hub.reset();
        commands.start(0);
        started = 0;
    }

    @Override
    protected void resetDevice() {
        synchronized (lock) {
            resetController();
            hub.takeReady();
            tell();
        }
    }

    @Override
    protected void saveDevice(StateWriter out) {
        synchronized (lock) {
            out.putVersion(STATE_VERSION);
            registers.save(out);
            commands.save(out);
            out.putLong("running for", clock.nanoTime() - started);
            hub.save(out);
            for (int i = 0; i <= SLOTS; i++) {
                out.putInt("due", due.get(i));
                if (i > 0) {
                    slots[i].save(out);
                }
            }
            for (Interrupter interrupter : interrupters) {
                interrupter.save(out);
            }
        }
    }

    @Override
    protected void loadDevice(StateReader in) {
        synchronized (lock) {
            in.getVersion(STATE_VERSION);
            registers.load(in);
            commands.load(in);
            started = clock.nanoTime() - in.getLong("running for");
            hub.load(in);
            for (int i = 0; i <= SLOTS; i++) {
                due.set(i, in.getInt("due"));
                if (i > 0) {
                    slots[i].load(in);
                }
            }
            for (Interrupter interrupter : interrupters) {
                interrupter.load(in);
            }
            tell();
        }
        worker.wake();
    }

    @Override
    public void close() {
        worker.close();
    }

    @Override
    public RegisterNames registerNames() {
        return capabilities.names();
    }

    static long withLow(long value, int low) {
        return value & ~0xFFFFFFFFL | low & 0xFFFFFFFFL;
    }

    static long withHigh(long value, int high) {
        return value & 0xFFFFFFFFL | (long) high << 32;
    }
}
