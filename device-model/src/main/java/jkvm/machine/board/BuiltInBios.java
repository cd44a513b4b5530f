package jkvm.machine.board;

import java.util.function.UnaryOperator;
import jkvm.bios.Bios;
import jkvm.bios.BiosHost;
import jkvm.bios.BiosRom;
import jkvm.bios.ServiceTable;
import jkvm.bios.disk.BootOptions;
import jkvm.bios.disk.DiskServices;
import jkvm.bios.system.SystemServices;
import jkvm.bios.video.TerminalServices;
import jkvm.bios.video.VideoServices;
import jkvm.machine.config.FirmwareConfig;
import jkvm.memory.GuestMemory;
import jkvm.tables.PlatformDescription;
import jkvm.vm.Vm;

/** The built-in BIOS of a machine: its ROM, its services, and what these need of the board. */
public final class BuiltInBios {
    /** The disk's line. */
    private static final int ALARM_GSI = 14;

    private BuiltInBios() {
    }

    /** Its ROM in a VM. */
    public static Firmware rom(Vm vm, GuestMemory memory) {
        return new Firmware(BiosRom.image(), vm, memory);
    }

    /**
     * Puts its port on the board, on which all devices are, and lets PCI be set up before it starts.
     *
     * @param firmware what to boot from, and how
     * @param hasScreen true if text goes to a display adapter, false if to the first serial port
     * @param change makes other services of its own
     */
    public static void install(MachineBoard board, Chipset chipset, PlatformDescription platform,
            FirmwareConfig firmware, boolean hasScreen, UnaryOperator<ServiceTable> change) {
        AlarmLine alarm = new AlarmLine(board.irq(ALARM_GSI), board.clock());
        BiosHost host = new BiosHost(board.guestMemory(), new ProcessorMemory(board.guestMemory(), board.memory()),
                new DevicePorts(board.ports()), board.clock(), alarm, platform, !hasScreen);
        BootOptions boot = board.bootSources().options(firmware, board, alarm);
        ServiceTable services = hasScreen ? VideoServices.addTo(SystemServices.table(host), host)
                : TerminalServices.addTo(SystemServices.table(host), host);
        services = change.apply(DiskServices.addTo(services, boot, host.ports()));
        board.addAt(ServicePort.PORT, ServicePort.PORTS,
                new ServicePort(new Bios(services, host.ram(), host.memory())));
        chipset.pci().ifPresent(bus -> board.atPowerOn(bus::assignResources));
    }

    /** Puts the port on a board with other firmware, for the ROM of its display adapter. */
    public static void installVideo(MachineBoard board) {
        GuestMemory ram = board.guestMemory();
        ProcessorMemory memory = new ProcessorMemory(ram, board.memory());
        ServiceTable services = VideoServices.addTo(ServiceTable.EMPTY, ram, new DevicePorts(board.ports()), memory);
        board.addAt(ServicePort.PORT, ServicePort.PORTS, new ServicePort(new Bios(services, ram, memory)));
    }
}
