package jkvm.device.pci;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import jkvm.bus.Device;
import jkvm.bus.IoHandler;
import jkvm.bus.IrqLine;
import jkvm.bus.MsiSink;
import jkvm.state.StateException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * One function of a PCI device: its configuration space with a type 0 header, its BARs and its interrupt pin. A device
 * extends it. It declares its ranges and capabilities before it is put on a {@link PciBus}.
 *
 * <p>Its monitor guards configuration space. It is held while interrupt lines, messages and address spaces are called.
 */
public abstract class PciFunction implements Device {
    public static final int VENDOR_ID_OFFSET = 0x00;
    public static final int DEVICE_ID_OFFSET = 0x02;
    public static final int COMMAND_OFFSET = 0x04;
    public static final int STATUS_OFFSET = 0x06;
    public static final int REVISION_OFFSET = 0x08;
    public static final int CLASS_OFFSET = 0x09;
    public static final int CACHE_LINE_OFFSET = 0x0C;
    public static final int LATENCY_OFFSET = 0x0D;
    public static final int HEADER_TYPE_OFFSET = 0x0E;
    public static final int BAR_0_OFFSET = 0x10;
    public static final int SUBSYSTEM_VENDOR_OFFSET = 0x2C;
    public static final int SUBSYSTEM_OFFSET = 0x2E;
    public static final int ROM_OFFSET = 0x30;
    public static final int CAPABILITIES_OFFSET = 0x34;
    public static final int INTERRUPT_LINE_OFFSET = 0x3C;
    public static final int INTERRUPT_PIN_OFFSET = 0x3D;
    /** Where capabilities and registers of the device's own begin. */
    public static final int DEVICE_SPECIFIC_OFFSET = 0x40;

    public static final int COMMAND_IO_BIT = 0x0001;
    public static final int COMMAND_MEMORY_BIT = 0x0002;
    public static final int COMMAND_MASTER_BIT = 0x0004;
    public static final int COMMAND_SERR_BIT = 0x0100;
    public static final int COMMAND_INTX_DISABLE_BIT = 0x0400;
    private static final int COMMAND_MASK = COMMAND_IO_BIT | COMMAND_MEMORY_BIT | COMMAND_MASTER_BIT | 0x0140
            | COMMAND_INTX_DISABLE_BIT;
    /** The function answers a cycle after one wait: what Intel's bridges say. */
    public static final int STATUS_MEDIUM_TIMING = 0x0200;
    /** It takes cycles that follow each other. */
    public static final int STATUS_FAST_BACK_TO_BACK_BIT = 0x0080;
    public static final int STATUS_INTERRUPT_BIT = 0x0008;
    public static final int STATUS_CAPABILITIES_BIT = 0x0010;
    public static final int MULTIFUNCTION_BIT = 0x80;

    /** Besides the expansion ROM's. */
    private static final int BARS = Bar.ROM_INDEX;
    private static final int STATE_VERSION = 1;

    private final String name;
    private final ConfigSpace config = new ConfigSpace();
    private final Bar[] bars = new Bar[BARS + 1];
    private int lastCapability;
    private PciBus bus;
    private IrqLine interrupt;
    private boolean interruptLevel;
    private boolean messagesEnabled;
    private Msi msi;
    /** Null if there is none. */
    private ExpansionRom expansionRom;
    private Msix msix;

    protected PciFunction(String name, PciIdentity identity) {
        this.name = name;
        config.define(VENDOR_ID_OFFSET, 2, identity.vendor());
        config.define(DEVICE_ID_OFFSET, 2, identity.device());
        config.define(REVISION_OFFSET, 1, identity.revision());
        config.define(CLASS_OFFSET, 3, identity.classCode());
        config.define(SUBSYSTEM_VENDOR_OFFSET, 2, identity.subsystemVendor());
        config.define(SUBSYSTEM_OFFSET, 2, identity.subsystem());
        config.define(INTERRUPT_PIN_OFFSET, 1, identity.interruptPin());
        config.allowWrites(COMMAND_OFFSET, 2, COMMAND_MASK);
        config.allowWrites(CACHE_LINE_OFFSET, 1, 0xFF);
        config.allowWrites(LATENCY_OFFSET, 1, 0xFF);
        config.allowWrites(INTERRUPT_LINE_OFFSET, 1, 0xFF);
    }

    @Override
    public final String name() {
        return name;
    }

    /**
     * A range of I/O ports.
     *
     * @param size a power of two, 4 to 256
     */
    protected final void addIoBar(int index, int size, IoHandler handler) {
        addBar(new Bar(index, size, Bar.IO_BIT, handler, name));
    }

    /**
     * A range of memory below 4 GiB.
     *
     * @param size a power of two, at least 16
     */
    protected final void addMemoryBar(int index, long size, IoHandler handler) {
        addBar(new Bar(index, size, 0, handler, name));
    }

    /**
     * A prefetchable range of memory below 4 GiB.
     *
     * @param size a power of two, at least 16
     */
    protected final void addPrefetchableBar(int index, long size, IoHandler handler) {
        addBar(new Bar(index, size, Bar.PREFETCHABLE_BIT, handler, name));
    }

    /**
     * A prefetchable range of memory anywhere; takes the next register, too.
     *
     * @param size a power of two, at least 16
     */
    protected final void addWideMemoryBar(int index, long size, IoHandler handler) {
        addWideMemoryBar(index, size, true, handler);
    }

    /**
     * A range of memory anywhere; takes the next register, too.
     *
     * @param size         a power of two, at least 16
     * @param prefetchable true if reads have no effect
     */
    protected final void addWideMemoryBar(int index, long size, boolean prefetchable, IoHandler handler) {
        int type = Bar.MEMORY_64_BITS | (prefetchable ? Bar.PREFETCHABLE_BIT : 0);
        addBar(new Bar(index, size, type, handler, name));
    }

    private void addBar(Bar bar) {
        int last = bar.isWide() ? bar.index + 1 : bar.index;
        if (Long.bitCount(bar.size) != 1 || last >= BARS || bars[bar.index] != null || bars[last] != null) {
            throw new IllegalArgumentException("%s: no BAR %d of %d bytes".formatted(name, bar.index, bar.size));
        }
        register(bar);
    }

    private void register(Bar bar) {
        bars[bar.index] = bar;
        config.define(bar.registerOffset(), bar.registerSize(), bar.type);
        config.allowWrites(bar.registerOffset(), bar.registerSize(), bar.writableBits());
    }

    /** Gives the function an expansion ROM, which its users bring along, before it is put on a bus. */
    public final void addExpansionRom(ExpansionRom rom) {
        if (bars[Bar.ROM_INDEX] != null) {
            throw new IllegalArgumentException(name + " has an expansion ROM");
        }
        register(Bar.ofRom(rom, name));
        expansionRom = rom;
    }

    /** The function's expansion ROM, if it has one. */
    public final Optional<ExpansionRom> expansionRom() {
        return Optional.ofNullable(expansionRom);
    }

    /** Vendor in the lower half, device in the upper. */
    public final int ids() {
        return (int) config.get(VENDOR_ID_OFFSET, Integer.BYTES);
    }

    /** Gives the function the ROM of its model, in which it puts its own ids. */
    public final void addUsualRom(ExpansionRom rom) {
        addExpansionRom(rom.withIds((int) config.get(VENDOR_ID_OFFSET, 2), (int) config.get(DEVICE_ID_OFFSET, 2)));
    }

    /**
     * Adds a capability in front of the others, as QEMU does.
     *
     * @param offset of its first byte, a multiple of four
     * @param id     its first byte; the second, the link, is set here
     */
    protected final void addCapability(int offset, int id) {
        config.define(offset, 1, id);
        config.define(offset + 1, 1, lastCapability);
        config.define(CAPABILITIES_OFFSET, 1, offset);
        config.define(STATUS_OFFSET, 2, config.get(STATUS_OFFSET, 2) | STATUS_CAPABILITIES_BIT);
        lastCapability = offset;
    }

    /**
     * Adds MSI.
     *
     * @param capability offset of its 24 bytes
     * @param count vectors, a power of two up to 32
     */
    protected final Msi addMsi(int capability, int count, MsiSink sink) {
        msi = new Msi(this, capability, count, sink);
        return msi;
    }

    /**
     * Adds MSI-X.
     *
     * @param capability offset of its 12 bytes
     * @param barIndex the BAR that it makes for its table
     */
    protected final Msix addMsix(int capability, int barIndex, int count, MsiSink sink) {
        msix = new Msix(this, capability, barIndex, 0, count, sink);
        addMemoryBar(barIndex, Msix.BAR_SIZE, msix.window());
        return msix;
    }

    /**
     * Adds MSI-X whose table lies in a BAR that the function makes itself, and where it shows {@link Msix#window()}.
     *
     * @param capability offset of its 12 bytes
     * @param offset     of the window in the BAR, a multiple of 4096
     */
    protected final Msix addMsix(int capability, int barIndex, int offset, int count, MsiSink sink) {
        msix = new Msix(this, capability, barIndex, offset, count, sink);
        return msix;
    }

    /** Gives a register a value at power-on, and makes the bits of {@code writable} the guest's. */
    protected final void define(int offset, int size, long value, long writable) {
        config.define(offset, size, value);
        config.allowWrites(offset, size, writable);
    }

    /** The value of a register. */
    protected final synchronized long register(int offset, int size) {
        return config.get(offset, size);
    }

    /** Sets a register whatever the guest may do to it. */
    protected final synchronized void setRegister(int offset, int size, long value) {
        config.set(offset, size, value);
    }

    final void makeMultifunction() {
        config.define(HEADER_TYPE_OFFSET, 1, MULTIFUNCTION_BIT);
    }

    /**
     * Put on a bus.
     *
     * @param newInterrupt where its interrupt pin leads; ignored if it has none
     */
    final synchronized void attach(PciBus newBus, IrqLine newInterrupt) {
        bus = newBus;
        interrupt = newInterrupt;
    }

    /** Taken off its bus. Nothing of the device is seen any more, whatever still happens to it. */
    final synchronized void detach() {
        config.set(COMMAND_OFFSET, 2, 0);
        updateBars();
        if (interrupt != null) {
            interrupt.set(false);
        }
        interrupt = null;
        bus = null;
    }

    /** The guest reads configuration space; never past its end. */
    final long readConfig(int offset, int size) {
        configReading(offset, size);
        return register(offset, size);
    }

    /** The guest writes configuration space; never past its end. */
    final void writeConfig(int offset, int size, long value) {
        synchronized (this) {
            config.write(offset, size, value);
            if (offset < INTERRUPT_LINE_OFFSET) {
                updateBars();
                updateInterrupt();
            }
            messagesWritten();
        }
        configWritten(offset, size);
    }

    private void messagesWritten() {
        if (msi != null) {
            msi.configWritten();
        }
        if (msix != null) {
            msix.configWritten();
        }
        updateMessagesEnabled();
    }

    /** Called before the guest reads configuration space, without the lock. */
    protected void configReading(int offset, int size) {
    }

    /** Called after the guest has written configuration space, without the lock. */
    protected void configWritten(int offset, int size) {
    }

    /**
     * Called with the lock held when a BAR's range has moved.
     *
     * @param index   0 to 5, or 6 for the expansion ROM
     * @param address where it is now, -1 if nowhere
     */
    protected void barMoved(int index, long address) {
    }

    private void updateBars() {
        if (bus == null) {
            return;
        }
        long command = config.get(COMMAND_OFFSET, 2);
        for (Bar bar : bars) {
            if (bar != null) {
                boolean decoded = (command & (bar.isIo() ? COMMAND_IO_BIT : COMMAND_MEMORY_BIT)) != 0;
                long address = bar.addressIn(config.get(bar.registerOffset(), bar.registerSize()));
                if (bar.map(bar.isIo() ? bus.ports() : bus.memory(), decoded ? address : Bar.UNMAPPED)) {
                    barMoved(bar.index, bar.mapped());
                }
            }
        }
    }

    /** Configuration space at this moment, once the function is on a bus. */
    public final synchronized PciFunctionFacts facts() {
        List<PciFunctionFacts.Range> ranges = new ArrayList<>();
        for (Bar bar : bars) {
            if (bar != null) {
                ranges.add(new PciFunctionFacts.Range(bar.index, bar.size, bar.isIo(), bar.isWide(),
                        bar.isPrefetchable(), bar.mapped() == Bar.UNMAPPED ? OptionalLong.empty()
                                : OptionalLong.of(bar.mapped())));
            }
        }
        int address = bus.addressOf(this);
        return new PciFunctionFacts(address / PciBus.FUNCTIONS, address % PciBus.FUNCTIONS,
                (int) config.get(VENDOR_ID_OFFSET, 2), (int) config.get(DEVICE_ID_OFFSET, 2),
                (int) config.get(CLASS_OFFSET, 3), (int) config.get(REVISION_OFFSET, 1),
                (int) config.get(SUBSYSTEM_VENDOR_OFFSET, 2), (int) config.get(SUBSYSTEM_OFFSET, 2),
                (int) config.get(INTERRUPT_PIN_OFFSET, 1), (int) config.get(INTERRUPT_LINE_OFFSET, 1), ranges);
    }

    final synchronized Bar bar(int index) {
        return bars[index];
    }

    /** Drives the interrupt pin. The line's level also depends on the command register and on MSI. */
    public final synchronized void setInterrupt(boolean level) {
        interruptLevel = level;
        updateInterrupt();
    }

    /** While messages are enabled the pin is silent (PCI 3.0 section 6.8). */
    private void updateMessagesEnabled() {
        messagesEnabled = msi != null && msi.isEnabled() || msix != null && msix.isEnabled();
        updateInterrupt();
    }

    private void updateInterrupt() {
        long status = config.get(STATUS_OFFSET, 2) & ~STATUS_INTERRUPT_BIT;
        config.set(STATUS_OFFSET, 2, interruptLevel ? status | STATUS_INTERRUPT_BIT : status);
        if (interrupt != null) {
            boolean disabled = (config.get(COMMAND_OFFSET, 2) & COMMAND_INTX_DISABLE_BIT) != 0;
            interrupt.set(interruptLevel && !disabled && !messagesEnabled);
        }
    }

    /** Sets the guest's switch of bus mastering for it. Called without the lock. */
    protected final void allowBusMastering() {
        writeConfig(COMMAND_OFFSET, 2, register(COMMAND_OFFSET, 2) | COMMAND_MASTER_BIT);
    }

    /** True if the guest lets the function read and write memory. */
    public final synchronized boolean isBusMaster() {
        return (config.get(COMMAND_OFFSET, 2) & COMMAND_MASTER_BIT) != 0;
    }

    @Override
    public final void reset() {
        synchronized (this) {
            config.reset();
            interruptLevel = false;
            messagesEnabled = false;
            if (msi != null) {
                msi.reset();
            }
            if (msix != null) {
                msix.reset();
            }
            updateBars();
            updateInterrupt();
        }
        resetDevice();
    }

    @Override
    public final void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        synchronized (this) {
            out.putBytes("config", config.toByteArray());
            out.putBoolean("interrupt", interruptLevel);
            if (msi != null) {
                msi.save(out);
            }
            if (msix != null) {
                msix.save(out);
            }
        }
        saveDevice(out);
    }

    @Override
    public final void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        synchronized (this) {
            if (!config.load(in.getBytes("config", ConfigSpace.SIZE))) {
                throw new StateException("another PCI function than " + name);
            }
            interruptLevel = in.getBoolean("interrupt");
            if (msi != null) {
                msi.load(in);
            }
            if (msix != null) {
                msix.load(in);
            }
            messagesWritten();
            updateBars();
            updateInterrupt();
        }
        loadDevice(in);
    }

    /** Power-on state of what a device has beyond its configuration space, which has been reset. */
    protected void resetDevice() {
    }

    /**
     * Writes what a device has beyond its configuration space and messages, with a version of its own; nothing if it
     * has no more state than these.
     */
    protected abstract void saveDevice(StateWriter out);

    /**
     * Reads what {@link #saveDevice} wrote. The configuration space has been taken over; interrupt lines are driven to
     * the levels that they had.
     */
    protected abstract void loadDevice(StateReader in);
}
