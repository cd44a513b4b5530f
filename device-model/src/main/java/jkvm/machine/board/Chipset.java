package jkvm.machine.board;

import java.util.Optional;
import jkvm.bus.AddressRange;
import jkvm.bus.IrqLine;
import jkvm.device.pci.HostBridge;
import jkvm.device.platform.AcpiPm;
import jkvm.device.platform.BochsShutdown;
import jkvm.device.platform.FwCfg;
import jkvm.device.platform.Hpet;
import jkvm.device.platform.I8042;
import jkvm.device.platform.Port92;
import jkvm.device.platform.PostPort;
import jkvm.device.platform.ResetControl;
import jkvm.device.platform.Rtc;
import jkvm.device.platform.ShadowMemory;
import jkvm.device.platform.SinkPort;
import jkvm.memory.GuestMemory;
import jkvm.tables.PlatformDescription;

/** The devices that every machine has, and a PC's buses. */
public final class Chipset {
    private static final int KEYBOARD_GSI = 1;
    private static final int RTC_GSI = 8;
    private static final int MOUSE_GSI = 12;
    private static final int POST_PORT = 0x80;
    private static final int DELAY_PORT = 0xED;
    private static final int BOCHS_SHUTDOWN_PORT = 0x8900;

    private final MachineBoard board;
    private final Rtc rtc;
    private final Optional<PciDevices> pci;

    /**
     * Puts all of it on the board.
     *
     * @param pitSwitch silences the interval timer while the high precision event timer replaces it
     * @param firmware  what sets PCI up and shadows its ROM; without, PCI is set up before the guest starts
     * @param suspends  true if the guest can suspend itself to RAM
     */
    public Chipset(MachineBoard board, PlatformDescription platform, Optional<Firmware> firmware,
            Hpet.LegacyListener pitSwitch, boolean suspends) {
        this.board = board;
        GuestMemory memory = board.guestMemory();
        IrqLine clockIrq = irq("rtc", RTC_GSI);
        SwitchedIrqLine clockLine = new SwitchedIrqLine(platform.acpi() ? addPower(clockIrq, suspends) : clockIrq);
        PostPort pages = new PostPort("post");
        board.addAt(POST_PORT, PostPort.PORTS, pages);
        board.pages(pages);
        board.addAt(DELAY_PORT, 1, new SinkPort("delay-port"));
        board.addAt(BOCHS_SHUTDOWN_PORT, 1, new BochsShutdown("bochs-shutdown", board.control()));
        rtc = new Rtc("rtc", clockLine, board.clock(), memory.lowEnd(), memory.size() - memory.lowEnd(),
                platform.cpus());
        board.addAt(Rtc.PORT, Rtc.PORTS, rtc);
        board.clockMemory(rtc);
        if (platform.hpet()) {
            Hpet hpet = new Hpet("hpet", board.clock(), gsi -> irq("hpet", gsi), on -> {
                pitSwitch.legacyReplacement(on);
                clockLine.connect(!on);
            });
            board.add(hpet);
            board.memory().add(new AddressRange(Hpet.ADDRESS, Hpet.SIZE), hpet);
        }
        ResetControl reset = new ResetControl("reset-control", board.control());
        board.add(reset);
        if (platform.pci().isPresent()) {
            // Its configuration ports contain that of the reset control.
            pci = Optional.of(new PciDevices(board, platform, reset, firmware.map(Chipset::pamListener)
                    .orElse((register, value) -> { })));
        } else {
            pci = Optional.empty();
            board.ports().add(new AddressRange(PlatformDescription.RESET_PORT, 1), reset);
        }
        firmware.ifPresentOrElse(rom -> board.memory().add(new AddressRange(ShadowMemory.START, ShadowMemory.SIZE),
                rom.shadow()).ownedBy("shadow"), () -> pci.ifPresent(bus -> board.atPowerOn(bus::assignResources)));
        if (platform.keyboardController()) {
            addKeyboardController();
        }
        if (firmware.isPresent()) {
            board.dma();
        }
    }

    /** @return the clock's line, by which an alarm wakes the machine too */
    private IrqLine addPower(IrqLine clockIrq, boolean suspends) {
        AcpiPm power = new AcpiPm("acpi-pm", irq("acpi-pm", PlatformDescription.SCI_GSI), board.clock(),
                board.control(), true, suspends);
        board.addAt(PlatformDescription.PM1A_EVENT_PORT, AcpiPm.PORTS, power);
        board.power(power);
        return level -> {
            clockIrq.set(level);
            if (level) {
                power.clockInterrupt();
            }
        };
    }

    private IrqLine irq(String device, int gsi) {
        return board.forDevice(device).irq(gsi);
    }

    private static HostBridge.PamListener pamListener(Firmware firmware) {
        return firmware.shadow()::setPam;
    }

    private void addKeyboardController() {
        I8042 keyboard = new I8042("i8042", irq("i8042", KEYBOARD_GSI), irq("i8042", MOUSE_GSI),
                board.clock(), board.control());
        board.add(keyboard);
        board.keyboard(keyboard);
        board.ports().add(new AddressRange(I8042.DATA_PORT, 1), keyboard.data()).ownedBy(keyboard.name());
        board.ports().add(new AddressRange(I8042.COMMAND_PORT, 1), keyboard.command()).ownedBy(keyboard.name());
        board.addAt(Port92.PORT, 1, new Port92("port92", board.control()));
    }

    /** Adds the device where firmware finds files. */
    public void addFwCfg(FwCfg fwCfg) {
        board.addAt(FwCfg.PORT, FwCfg.PORTS, fwCfg);
        board.ports().add(new AddressRange(FwCfg.DMA_PORT, FwCfg.DMA_PORTS), fwCfg.dma()).ownedBy(fwCfg.name());
    }

    /** The clock, whose memory tells firmware what to boot. */
    public Rtc rtc() {
        return rtc;
    }

    /** The PCI bus, if there is one. */
    public Optional<PciDevices> pci() {
        return pci;
    }
}
