package jkvm.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import jkvm.bus.AddressRange;
import jkvm.bus.AddressSpace;
import jkvm.bus.ConfigurationException;
import jkvm.bus.Device;
import jkvm.bus.IoHandler;
import jkvm.bus.IrqLine;
import jkvm.bus.MachineControl;
import jkvm.bus.SharedIrqLine;
import jkvm.device.pci.HostBridge;
import jkvm.device.pci.PciFunction;
import jkvm.device.platform.AcpiPm;
import jkvm.device.platform.BochsShutdown;
import jkvm.device.platform.DebugConsole;
import jkvm.device.platform.FwCfg;
import jkvm.device.platform.I8042;
import jkvm.device.platform.IsaDebugExit;
import jkvm.device.platform.PageProtector;
import jkvm.device.platform.PcTestdev;
import jkvm.device.platform.Port92;
import jkvm.device.platform.PostPort;
import jkvm.device.platform.ResetControl;
import jkvm.device.platform.Rtc;
import jkvm.device.platform.ShadowMemory;
import jkvm.device.platform.SinkPort;
import jkvm.device.serial.Serial16550;
import jkvm.device.virtio.VirtioDevice;
import jkvm.device.virtio.transport.QueueDoorbells;
import jkvm.device.virtio.transport.VirtioMmio;
import jkvm.host.chardev.Chardev;
import jkvm.memory.GuestMemory;
import jkvm.tables.PlatformDescription;
import jkvm.work.VmClock;
import jkvm.work.Workers;

/** The devices of a machine, each at its ports, addresses and interrupts. */
final class PlatformDevices implements AutoCloseable {
    /** Inputs of the interrupt controllers. */
    static final int GSI_COUNT = 24;

    private static final int KEYBOARD_GSI = 1;
    private static final int RTC_GSI = 8;
    private static final int MOUSE_GSI = 12;
    private static final int POST_PORT = 0x80;
    private static final int DELAY_PORT = 0xED;
    private static final int BOCHS_SHUTDOWN_PORT = 0x8900;

    private final AddressSpace ports = new AddressSpace("port");
    private final AddressSpace memory = new AddressSpace("memory");
    private final List<Device> devices = new ArrayList<>();
    private final Deque<Closing> closing = new ArrayDeque<>();
    private final SharedIrqLine[] lines = new SharedIrqLine[GSI_COUNT];
    private final MachineClock clock;
    private final MachineControl control;
    private final ResetControl resetControl;
    private AcpiPm power;
    private Optional<PciDevices> pci = Optional.empty();
    private boolean assignsResources;

    /** @param gsis one line for each input of the interrupt controllers */
    PlatformDevices(MachineClock clock, MachineControl control, List<IrqLine> gsis) {
        this.clock = clock;
        this.control = control;
        this.resetControl = new ResetControl("reset-control", control);
        for (int i = 0; i < GSI_COUNT; i++) {
            lines[i] = new SharedIrqLine(gsis.get(i));
        }
    }

    /** What has something to end or to save. */
    interface Closing {
        /** @throws IOException if something could not be saved; the message tells the user what */
        void close() throws IOException;
    }

    /** Has something closed with the machine, after what is registered later. */
    void closeLast(Closing resource) {
        closing.push(resource);
    }

    /**
     * Ends the devices' threads and closes what they had open, the rest too when something of it could not be saved. No
     * vCPU runs.
     *
     * @throws UncheckedIOException if something could not be saved
     */
    @Override
    public void close() {
        List<IOException> unsaved = new ArrayList<>();
        while (!closing.isEmpty()) {
            try {
                closing.pop().close();
            } catch (IOException e) {
                unsaved.add(e);
            }
        }
        if (!unsaved.isEmpty()) {
            throw new UncheckedIOException(unsaved.stream().map(IOException::getMessage)
                    .collect(Collectors.joining("; ")), unsaved.getFirst());
        }
    }

    VmClock clock() {
        return clock;
    }

    AddressSpace ports() {
        return ports;
    }

    AddressSpace memory() {
        return memory;
    }

    void addSerial(int index, PlatformDescription.SerialPort port, Chardev chardev) {
        addAt(port.port(), Serial16550.PORTS, new Serial16550("serial" + index, irq(port.irq()), clock, chardev));
    }

    void addDebugConsole(MachineConfig.DebugConsole config, Chardev chardev) {
        addAt(config.port(), 1, new DebugConsole("debugcon-" + Integer.toHexString(config.port()), config.readback(),
                chardev));
    }

    void addDebugExit(MachineConfig.DebugExit config) {
        addAt(config.port(), config.size(),
                new IsaDebugExit("debug-exit-" + Integer.toHexString(config.port()), control));
    }

    void addTestDevice(PageProtector protector) {
        IrqLine[] testLines = new IrqLine[GSI_COUNT];
        for (int i = 0; i < GSI_COUNT; i++) {
            testLines[i] = irq(i);
        }
        PcTestdev testdev = new PcTestdev("pc-testdev", protector, testLines);
        devices.add(testdev);
        ports.add(new AddressRange(PcTestdev.LATCH_PORT, PcTestdev.LATCH_PORTS), testdev.latch());
        ports.add(new AddressRange(PcTestdev.BYTE_LATCH_PORT, PcTestdev.LATCH_PORTS), testdev.latch());
        ports.add(new AddressRange(PcTestdev.FLUSH_PORT, Integer.BYTES), testdev.flush());
        ports.add(new AddressRange(PcTestdev.INTERRUPT_PORT, GSI_COUNT), testdev.interrupts());
        memory.add(new AddressRange(PcTestdev.MEMORY_ADDRESS, PcTestdev.MEMORY_SIZE), testdev.memory());
    }

    /** What every machine has: reset, power management, POST codes. */
    void addCore() {
        power = new AcpiPm("acpi-pm", irq(PlatformDescription.SCI_GSI), clock, control, true);
        addAt(PlatformDescription.PM1A_EVENT_PORT, AcpiPm.PORTS, power);
        devices.add(resetControl);
        addAt(POST_PORT, PostPort.PORTS, new PostPort("post"));
        addAt(DELAY_PORT, 1, new SinkPort("delay-port"));
        addAt(BOCHS_SHUTDOWN_PORT, 1, new BochsShutdown("bochs-shutdown", control));
    }

    /**
     * A PCI bus and its chipset, whose configuration ports contain that of the reset control.
     *
     * @param pamListener what the host bridge's PAM registers act on
     */
    void addPci(HostBridge.PamListener pamListener) {
        pci = Optional.of(new PciDevices(ports, memory, resetControl, this::irq, pamListener));
    }

    /** Memory that firmware shadows. */
    void addShadow(ShadowMemory shadow) {
        memory.add(new AddressRange(ShadowMemory.START, ShadowMemory.SIZE), shadow);
    }

    /** Reset control alone, in a machine without PCI. */
    void addResetPort() {
        ports.add(new AddressRange(PlatformDescription.RESET_PORT, 1), resetControl);
    }

    /**
     * Puts a device on the PCI bus.
     *
     * @return where it is, as {@code slot * 8 + function}
     * @throws ConfigurationException if there is no PCI bus or no room on it
     */
    int addPciDevice(DeviceConfig config, PciFunction function) {
        return pci.orElseThrow(() -> new ConfigurationException("-device " + config.driver()
                + ": this machine has no PCI bus; use -machine pc")).add(config, function);
    }

    /** A virtio device with memory-mapped registers. */
    void addMmioDevice(VirtioDevice device, PlatformDescription.VirtioMmio place, GuestMemory guestMemory,
            Workers workers, QueueDoorbells doorbells) {
        long address = Integer.toUnsignedLong(place.address());
        VirtioMmio mmio = new VirtioMmio(device, address, irq(place.gsi()), guestMemory, workers,
                doorbells);
        devices.add(mmio);
        memory.add(new AddressRange(address, place.size()), mmio);
        closeLast(mmio::close);
    }

    /**
     * All devices are there.
     *
     * @param withFirmware true if the guest's firmware sets PCI up
     */
    void complete(boolean withFirmware) {
        pci.ifPresent(bus -> {
            bus.complete();
            devices.add(bus.configPorts());
            devices.addAll(bus.functions());
        });
        assignsResources = !withFirmware;
        assignResources();
    }

    private void assignResources() {
        if (assignsResources) {
            pci.ifPresent(PciDevices::assignResources);
        }
    }

    /** What a PC has and a microvm has not. */
    void addKeyboardController() {
        I8042 keyboard = new I8042("i8042", irq(KEYBOARD_GSI), irq(MOUSE_GSI), control);
        devices.add(keyboard);
        ports.add(new AddressRange(I8042.DATA_PORT, 1), keyboard.data());
        ports.add(new AddressRange(I8042.COMMAND_PORT, 1), keyboard.command());
        addAt(Port92.PORT, 1, new Port92("port92", control));
    }

    Rtc addRtc(long memoryBelow4G, long memoryAbove4G, int cpus) {
        Rtc rtc = new Rtc("rtc", irq(RTC_GSI), clock, memoryBelow4G, memoryAbove4G, cpus);
        addAt(Rtc.PORT, Rtc.PORTS, rtc);
        return rtc;
    }

    void addFwCfg(FwCfg fwCfg) {
        addAt(FwCfg.PORT, FwCfg.PORTS, fwCfg);
        ports.add(new AddressRange(FwCfg.DMA_PORT, FwCfg.DMA_PORTS), fwCfg.dma());
    }

    /** A device without registers of its own. */
    void add(Device device) {
        devices.add(device);
    }

    private <T extends Device & IoHandler> void addAt(int port, int count, T device) {
        devices.add(device);
        ports.add(new AddressRange(port, count), device);
    }

    /** A new input of a global system interrupt. */
    private IrqLine irq(int gsi) {
        return lines[gsi].input();
    }

    /** Any thread may call. */
    void pressPowerButton() {
        power.pressPowerButton();
    }

    /** Power-on state for all devices. No vCPU runs. */
    void reset() {
        devices.forEach(Device::reset);
        assignResources();
    }
}
