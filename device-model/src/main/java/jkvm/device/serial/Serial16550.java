package jkvm.device.serial;

import static jkvm.device.serial.UartRegisters.*;

import jkvm.bus.ByteIoHandler;
import jkvm.bus.Device;
import jkvm.bus.IrqLine;
import jkvm.bus.RegisterNames;
import jkvm.host.chardev.CharDevice;
import jkvm.host.chardev.Chardev;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.VmClock;

/**
 * A serial port with a 16550A: eight ports, one interrupt line, a {@link Chardev} as the other side.
 *
 * <p>Its lock is held while it calls {@link Chardev#transmit}, the interrupt line and the timer: bytes of two vCPUs
 * keep one order, and {@link #writable()} cannot slip in between a refused byte and the note of it. {@link
 * Chardev#inputWanted} is called without.
 */
public final class Serial16550 implements Device, ByteIoHandler, CharDevice {
    /** Ports that it decodes. */
    public static final int PORTS = 8;

    private static final int STATE_VERSION = 1;
    /** 1.8432 MHz / 16. */
    private static final long BIT_CLOCK = 115_200;

    private final String name;
    private final IrqLine irq;
    private final VmClock clock;
    private final Chardev chardev;
    /** Sends the bytes of a loaded state as soon as the machine resumes. */
    private final VmClock.Timer resumeTimer;
    private final UartReceiver receiver;
    private final Fifo transmitter = new Fifo();
    private final ModemStatus modem = new ModemStatus();

    private int divisor;
    private int ier;
    private int fcr;
    private int lcr;
    private int mcr;
    private int scratch;
    private boolean thrInterruptPending;
    private boolean irqLevel;

    /** @param chardev gets this device connected; until it says otherwise, its other side counts as present */
    @SuppressWarnings("this-escape")
    public Serial16550(String name, IrqLine irq, VmClock clock, Chardev chardev) {
        this.name = name;
        this.irq = irq;
        this.clock = clock;
        this.chardev = chardev;
        this.receiver = new UartReceiver(clock, this::characterTimeout);
        this.resumeTimer = clock.newTimer(this::writable);
        reset();
        chardev.connect(this);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public RegisterNames registerNames() {
        return new RegisterNames("serial")
                .bytes(0, "RBR/THR/DLL", "IER/DLM", "IIR/FCR", "LCR", "MCR", "LSR", "MSR", "SCR");
    }

    @Override
    public synchronized void reset() {
        divisor = DEFAULT_DIVISOR;
        ier = 0;
        fcr = 0;
        lcr = 0;
        mcr = DEFAULT_MCR;
        scratch = 0;
        receiver.reset();
        transmitter.clear();
        thrInterruptPending = false;
        modem.reset();
        updateTimeout();
        updateIrq();
    }

    // The guest's side.

    @Override
    public int readByte(int offset) {
        int value;
        boolean roomAgain;
        synchronized (this) {
            boolean full = room() == 0;
            value = readRegister(offset);
            roomAgain = full && room() > 0;
        }
        if (roomAgain) {
            chardev.inputWanted();
        }
        return value;
    }

    @Override
    public void writeByte(int offset, int value) {
        boolean roomAgain;
        synchronized (this) {
            boolean full = room() == 0;
            writeRegister(offset, value);
            roomAgain = full && room() > 0;
        }
        if (roomAgain) {
            chardev.inputWanted();
        }
    }

    private int readRegister(int offset) {
        return switch (offset) {
            case RBR_THR_DLL_OFFSET -> isDlabSet() ? divisor & 0xff : readReceiver();
            case IER_DLM_OFFSET -> isDlabSet() ? divisor >> 8 : ier;
            case IIR_FCR_OFFSET -> readIir();
            case LCR_OFFSET -> lcr;
            case MCR_OFFSET -> mcr;
            case LSR_OFFSET -> readLsr();
            case MSR_OFFSET -> readMsr();
            case SCR_OFFSET -> scratch;
            default -> 0xff;
        };
    }

    private void writeRegister(int offset, int value) {
        switch (offset) {
            case RBR_THR_DLL_OFFSET -> {
                if (isDlabSet()) {
                    divisor = divisor & 0xff00 | value;
                } else {
                    transmit(value);
                }
            }
            case IER_DLM_OFFSET -> {
                if (isDlabSet()) {
                    divisor = divisor & 0xff | value << 8;
                } else {
                    writeIer(value & IER_MASK);
                }
            }
            case IIR_FCR_OFFSET -> writeFcr(value);
            case LCR_OFFSET -> lcr = value;
            case MCR_OFFSET -> {
                mcr = value & MCR_MASK;
                modem.update(mcr);
                updateIrq();
            }
            case SCR_OFFSET -> scratch = value;
            default -> { }
        }
    }

    private int readReceiver() {
        if (receiver.isEmpty()) {
            return 0;
        }
        int value = receiver.take();
        updateTimeout();
        updateIrq();
        return value;
    }

    private int readIir() {
        int cause = interruptCause();
        if (cause == IIR_THRE) {
            thrInterruptPending = false;
            updateIrq();
        }
        return cause | (isFifoEnabled() ? IIR_FIFO_MASK : 0);
    }

    private int readLsr() {
        boolean hadErrors = receiver.hasErrors();
        int value = receiver.readLsr() | (transmitter.isEmpty() ? LSR_THRE_BIT | LSR_TEMT_BIT : 0);
        if (hadErrors) {
            updateIrq();
        }
        return value;
    }

    private int readMsr() {
        int value = modem.read();
        updateIrq();
        return value;
    }

    private void writeIer(int value) {
        int raised = value & ~ier;
        ier = value;
        if ((raised & IER_THRE_BIT) != 0 && transmitter.isEmpty()) {
            // Drivers count on it: enabling the interrupt with an empty register is how they start to send.
            thrInterruptPending = true;
        } else if ((value & IER_THRE_BIT) == 0) {
            thrInterruptPending = false;
        }
        updateTimeout();
        updateIrq();
    }

    private void writeFcr(int value) {
        boolean enable = (value & FCR_ENABLE_BIT) != 0;
        boolean modeChanges = enable != isFifoEnabled();
        fcr = enable ? value & (FCR_ENABLE_BIT | FCR_TRIGGER_MASK) : 0;
        receiver.setFcr(fcr);
        if (modeChanges || enable && (value & FCR_CLEAR_RX_BIT) != 0) {
            receiver.clear();
        }
        if ((modeChanges || enable && (value & FCR_CLEAR_TX_BIT) != 0) && !transmitter.isEmpty()) {
            transmitter.clear();
            thrInterruptPending = true;
        }
        updateTimeout();
        updateIrq();
    }

    private void transmit(int value) {
        if (thrInterruptPending) {
            // The interrupt goes away before the byte is sent and comes again after: an edge for the controller.
            thrInterruptPending = false;
            updateIrq();
        }
        if (isLoopback()) {
            receiver.put(value);
            thrInterruptPending = transmitter.isEmpty();
            updateTimeout();
            updateIrq();
            return;
        }
        if (!isFifoEnabled()) {
            transmitter.clear();
        }
        if (transmitter.count() < Fifo.CAPACITY) {
            transmitter.put(value);
        }
        flushTransmitter();
    }

    /** Sends the bytes that the host takes. The others stay, with THRE clear, until {@link #writable()}. */
    private void flushTransmitter() {
        while (!transmitter.isEmpty()) {
            if (!chardev.transmit(transmitter.peek())) {
                return;
            }
            transmitter.take();
        }
        thrInterruptPending = true;
        updateIrq();
    }

    // The host's side.

    @Override
    public synchronized int receivable() {
        return room();
    }

    @Override
    public synchronized void receive(byte[] data, int offset, int length) {
        if (isLoopback()) {
            return;
        }
        for (int i = 0; i < length; i++) {
            receiver.put(data[offset + i] & 0xff);
        }
        updateTimeout();
        updateIrq();
    }

    @Override
    public synchronized void writable() {
        if (!transmitter.isEmpty()) {
            flushTransmitter();
        }
    }

    @Override
    public synchronized void connected(boolean present) {
        modem.setPeerPresent(present);
        modem.update(mcr);
        updateIrq();
    }

    @Override
    public synchronized void breakReceived() {
        if (isLoopback()) {
            return;
        }
        receiver.putBreak();
        updateTimeout();
        updateIrq();
    }

    /**
     * Room for input; none in loopback, which disconnects the receiver from the line, so that the host's bytes wait.
     */
    private int room() {
        return isLoopback() ? 0 : receiver.room();
    }

    // Interrupts.

    private int interruptCause() {
        int received = receiver.interruptCause(ier);
        if (received != IIR_NONE) {
            return received;
        }
        if ((ier & IER_THRE_BIT) != 0 && thrInterruptPending) {
            return IIR_THRE;
        }
        return (ier & IER_MODEM_BIT) != 0 && modem.hasChanged() ? IIR_MODEM : IIR_NONE;
    }

    private void updateIrq() {
        // OUT2 gates nothing, as in QEMU: small kernels never set it and wait for their interrupt.
        boolean level = interruptCause() != IIR_NONE;
        if (level != irqLevel) {
            irqLevel = level;
            irq.set(level);
        }
    }

    private void updateTimeout() {
        receiver.updateTimeout(ier, timeoutNanos());
    }

    private synchronized void characterTimeout() {
        if (receiver.timedOut()) {
            updateIrq();
        }
    }

    /** Four characters. */
    private long timeoutNanos() {
        int bits = 1 + 5 + (lcr & LCR_WORD_LENGTH_MASK) + ((lcr & LCR_PARITY_BIT) != 0 ? 1 : 0)
                + ((lcr & LCR_STOP_BIT) != 0 ? 2 : 1);
        return 4 * (bits * 1_000_000_000L * Math.max(divisor, 1) / BIT_CLOCK);
    }

    private boolean isDlabSet() {
        return (lcr & LCR_DLAB_BIT) != 0;
    }

    private boolean isFifoEnabled() {
        return (fcr & FCR_ENABLE_BIT) != 0;
    }

    private boolean isLoopback() {
        return (mcr & MCR_LOOP_BIT) != 0;
    }

    // State.

    @Override
    public synchronized void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("divisor", divisor);
        out.putInt("ier", ier);
        out.putInt("fcr", fcr);
        out.putInt("lcr", lcr);
        out.putInt("mcr", mcr);
        out.putInt("scratch", scratch);
        modem.save(out);
        out.putBoolean("thrInterruptPending", thrInterruptPending);
        receiver.save(out);
        transmitter.save(out, "transmitter");
    }

    /**
     * Takes the state over; the modem lines then follow the host's side as it is now, with deltas for what differs.
     * Bytes that wait in the transmitter are sent when the machine resumes.
     */
    @Override
    public synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        divisor = in.getInt("divisor", 0, 0xffff);
        ier = in.getInt("ier", 0, IER_MASK);
        fcr = in.getInt("fcr", 0, 0xff);
        lcr = in.getInt("lcr", 0, 0xff);
        mcr = in.getInt("mcr", 0, MCR_MASK);
        scratch = in.getInt("scratch", 0, 0xff);
        modem.load(in);
        thrInterruptPending = in.getBoolean("thrInterruptPending");
        receiver.load(in, fcr, ier, timeoutNanos());
        transmitter.load(in, "transmitter");
        modem.update(mcr);
        if (!transmitter.isEmpty()) {
            resumeTimer.arm(clock.nanoTime());
        }
        updateIrq();
    }
}
