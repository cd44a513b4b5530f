package jkvm.device.e1000;

import java.util.function.Function;
import jkvm.device.pci.PciFunction;
import jkvm.device.pci.PciIdentity;
import jkvm.host.net.NetBackend;
import jkvm.host.net.NetFrame;
import jkvm.host.net.NetPort;
import jkvm.memory.GuestMemory;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.VmClock;
import jkvm.work.Worker;

/**
 * Intel's 82540EM gigabit Ethernet controller as a PCI function: 128 KiB of registers in BAR 0, a window to them in
 * 64 ports of BAR 1, INTA.
 *
 * <p>The transmit ring is worked on by a {@link Worker}, the receive ring by the backend's thread; vCPUs only write
 * indices. The lock is {@link E1000Registers}' monitor. It guards all state but {@link Interrupts}, which have their
 * own, and the rings' indices; it is held for a batch of descriptors at most. Order of locks: this device's, then that
 * of the interrupts, then the PCI function's.
 */
public final class E1000 extends PciFunction implements AutoCloseable {
    /** The PCI device id, with {@link PciIdentity#INTEL}. */
    public static final int DEVICE = 0x100E;
    static final int MEMORY_SIZE = 0x20000;
    static final int PORTS = 64;
    static final long NEGOTIATION_NANOS = 500_000_000L;
    private static final int MAX_SPINS = 10_000;
    private static final int REVISION = 3;
    private static final int STATE_VERSION = 2;
    private static final int CLASS = 0x020000;
    private static final int INTERRUPT_A = 1;

    private final VmClock clock;
    private final NetPort port;
    private final RegisterFile registers = new RegisterFile();
    private final Statistics statistics = new Statistics(registers);
    private final DescriptorRing transmitRing = new DescriptorRing();
    private final DescriptorRing receiveRing = new DescriptorRing();
    private final Eeprom eeprom;
    private final Phy phy = new Phy();
    private final Interrupts interrupts;
    private final TransmitOutput output;
    private final Transmitter transmitter;
    private final Receiver receiver;
    private final E1000Registers access;
    private final VmClock.Timer negotiation;
    private final Worker worker;
    private long negotiatedAt;
    private boolean negotiating;
    private volatile boolean busMaster;
    private volatile boolean closed;

    /**
     * Plugs a NIC into a backend.
     *
     * @param mac     six bytes
     * @param backend closed by its maker, after this device
     * @param workers gives what runs the work on the ring, such as {@code work -> workers.worker(name, work)}
     */
    @SuppressWarnings("this-escape")
    public E1000(String name, byte[] mac, GuestMemory memory, VmClock clock, NetBackend backend,
            Function<Runnable, Worker> workers) {
        super(name, new PciIdentity(PciIdentity.INTEL, DEVICE, REVISION, CLASS, PciIdentity.VIRTIO,
                PciIdentity.QEMU_SUBSYSTEM, INTERRUPT_A));
        this.clock = clock;
        port = new NetPort(backend, new E1000Card());
        eeprom = new Eeprom(mac);
        interrupts = new Interrupts(clock, this::setInterrupt);
        output = new TransmitOutput(registers, statistics, memory, new Wire());
        transmitter = new Transmitter(registers, transmitRing, memory, interrupts, output);
        receiver = new Receiver(registers, receiveRing, memory, new Filters(registers), interrupts, statistics);
        access = new E1000Registers(registers, statistics, eeprom, phy, interrupts, transmitRing, receiveRing,
                new Commands());
        negotiation = clock.newTimer(this::negotiated);
        addMemoryBar(0, MEMORY_SIZE, access.inMemory());
        addIoBar(1, PORTS, access.inPorts());
        powerOn();
        worker = workers.apply(this::work);
        port.attach();
    }

    /** The commands that writes to some registers give. Called with the lock held unless it says otherwise. */
    private final class Commands implements E1000Registers.Commands {
        @Override
        public void resetMac() {
            E1000.this.resetMac();
        }

        @Override
        public void resetPhy() {
            phy.reset();
            negotiate();
        }

        @Override
        public void negotiate() {
            E1000.this.negotiate();
        }

        @Override
        public void powerChanged() {
            if (phy.isPoweredDown()) {
                negotiating = false;
                setLink(false);
            } else {
                E1000.this.negotiate();
            }
        }

        @Override
        public void transmitReady() {
            worker.wake();
        }

        @Override
        public void receiveReady() {
            if (port.isAwaited()) {
                worker.wake();
            }
        }
    }

    /** The card, as its port sees it. */
    private final class E1000Card implements NetPort.Card {
        @Override
        public boolean store(NetFrame frame) {
            synchronized (access) {
                return E1000.this.store(frame);
            }
        }

        @Override
        public void sendReady() {
            worker.wake();
        }

        @Override
        public int offloads() {
            return 0;
        }
    }

    private boolean store(NetFrame frame) {
        boolean enabled = (registers.get(RegisterMap.RCTL_OFFSET) & RegisterMap.RCTL_EN_BIT) != 0;
        if (!enabled || isLoopback() || !isLinkUp() && !negotiating) {
            return true;
        }
        return busMaster && isLinkUp() && receiver.receive(frame, true) == Receiver.Outcome.TAKEN;
    }

    /** Where the frames go that the guest sends. */
    private final class Wire implements FrameSink {
        @Override
        public NetFrame claim() {
            return port.claim();
        }

        @Override
        public boolean send(NetFrame frame, boolean claimed) {
            if (isLoopback()) {
                if ((registers.get(RegisterMap.RCTL_OFFSET) & RegisterMap.RCTL_EN_BIT) != 0) {
                    receiver.receive(frame, false);
                }
                return true;
            }
            NetFrame buffer = claimed ? frame : port.claim();
            if (buffer == null) {
                return false;
            }
            if (!claimed) {
                buffer.copyFrom(frame);
            }
            port.send(buffer);
            return true;
        }
    }

    private boolean isLoopback() {
        int mode = registers.get(RegisterMap.RCTL_OFFSET) >>> RegisterMap.RCTL_LBM_SHIFT & 3;
        return phy.isLoopback() || mode == RegisterMap.RCTL_LBM_MAC || mode == RegisterMap.RCTL_LBM_PHY;
    }

    private boolean isLinkUp() {
        return (registers.get(RegisterMap.STATUS_OFFSET) & RegisterMap.STATUS_LU_BIT) != 0;
    }

    private boolean canTransmit() {
        return busMaster && (registers.get(RegisterMap.TCTL_OFFSET) & RegisterMap.TCTL_EN_BIT) != 0
                && (isLinkUp() || isLoopback());
    }

    /** The worker's work. */
    private void work() {
        boolean more = true;
        while (more && !closed) {
            synchronized (access) {
                more = canTransmit() && transmitter.step();
            }
            giveWay();
        }
        if (busMaster && !closed) {
            port.roomMade();
        }
    }

    /** A monitor goes to the first thread, which would always be the worker; a vCPU must not wait for a whole ring. */
    private void giveWay() {
        for (int i = 0; i < MAX_SPINS && access.isWaiting(); i++) {
            Thread.onSpinWait();
        }
    }

    /** The cable is plugged in or not. Any thread may call. */
    public void setCarrier(boolean plugged) {
        synchronized (access) {
            if (port.setPlugged(plugged)) {
                negotiating = false;
                setLink(plugged && !phy.isPoweredDown());
                interrupts.raise(RegisterMap.LSC_BIT);
            }
        }
        worker.wake();
    }

    /** Packets from the guest that were not sent because their descriptors made no sense. Any thread may call. */
    public long droppedPackets() {
        synchronized (access) {
            return output.dropped();
        }
    }

    private void setLink(boolean up) {
        phy.setLink(up);
        int status = registers.get(RegisterMap.STATUS_OFFSET);
        int bit = RegisterMap.STATUS_LU_BIT;
        registers.set(RegisterMap.STATUS_OFFSET, up ? status | bit : status & ~bit);
    }

    private void negotiate() {
        setLink(false);
        negotiating = port.isPlugged() && !phy.isPoweredDown();
        if (negotiating) {
            negotiatedAt = clock.nanoTime() + NEGOTIATION_NANOS;
            negotiation.arm(negotiatedAt);
        }
    }

    private void negotiated() {
        synchronized (access) {
            if (!negotiating || clock.nanoTime() < negotiatedAt) {
                return;
            }
            negotiating = false;
            setLink(true);
            interrupts.raise(RegisterMap.LSC_BIT);
        }
        worker.wake();
    }

    /** All but the PHY, the link, and the PCI configuration. */
    private void resetMac() {
        boolean up = isLinkUp();
        interrupts.reset();
        transmitter.reset();
        transmitRing.reset();
        receiveRing.reset();
        registers.reset();
        eeprom.reset();
        registers.set(RegisterMap.RAL_OFFSET, eeprom.word(0) | eeprom.word(1) << 16);
        registers.set(RegisterMap.RAL_OFFSET + Integer.BYTES, eeprom.word(2) | RegisterMap.RAH_AV_BIT);
        if (up) {
            registers.set(RegisterMap.STATUS_OFFSET, RegisterMap.DEFAULT_STATUS | RegisterMap.STATUS_LU_BIT);
        }
        if (port.isAwaited()) {
            worker.wake();
        }
    }

    private void powerOn() {
        negotiation.cancel();
        negotiating = false;
        phy.reset();
        resetMac();
        setLink(port.isPlugged());
        access.reset();
    }

    /** When a guest has switched bus mastering off, nothing is read or written any more. */
    @Override
    protected void configWritten(int offset, int size) {
        if (isBusMaster() == busMaster) {
            return;
        }
        synchronized (access) {
            busMaster = isBusMaster();
        }
        worker.wake();
    }

    @Override
    protected void resetDevice() {
        synchronized (access) {
            busMaster = false;
            powerOn();
        }
    }

    @Override
    protected void saveDevice(StateWriter out) {
        synchronized (access) {
            out.putVersion(STATE_VERSION);
            registers.save(out);
            eeprom.save(out);
            phy.save(out);
            interrupts.save(out);
            transmitRing.save(out);
            receiveRing.save(out);
            transmitter.save(out);
            access.save(out);
            out.putBoolean("carrier", port.isPlugged());
            out.putBoolean("negotiating", negotiating);
            out.putLong("negotiation-left", negotiating ? Math.max(0, negotiatedAt - clock.nanoTime()) : 0);
        }
    }

    @Override
    protected void loadDevice(StateReader in) {
        synchronized (access) {
            boolean hasBells = in.getVersion(STATE_VERSION) >= 2;
            registers.load(in);
            eeprom.load(in);
            phy.load(in);
            interrupts.load(in);
            transmitRing.load(in, hasBells);
            receiveRing.load(in, hasBells);
            transmitter.load(in);
            access.load(in);
            port.setPlugged(in.getBoolean("carrier"));
            negotiating = in.getBoolean("negotiating");
            long left = in.getLong("negotiation-left");
            negotiation.cancel();
            if (negotiating) {
                negotiatedAt = clock.nanoTime() + Math.clamp(left, 0, NEGOTIATION_NANOS);
                negotiation.arm(negotiatedAt);
            }
            busMaster = isBusMaster();
        }
        worker.wake();
    }

    /** Ends the worker. */
    @Override
    public void close() {
        closed = true;
        port.close();
        worker.close();
    }
}
