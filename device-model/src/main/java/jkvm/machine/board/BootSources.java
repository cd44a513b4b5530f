package jkvm.machine.board;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import jkvm.bios.Alarm;
import jkvm.bios.disk.BootDrive;
import jkvm.bios.disk.BootOptions;
import jkvm.bios.disk.OptionRom;
import jkvm.device.board.BootSource;
import jkvm.machine.config.FirmwareConfig;

/** What a machine may boot from under the built-in BIOS: gathers the drives and ROMs of its devices. */
public final class BootSources {
    private static final int NONE = -1;

    private final List<Placed> drives = new ArrayList<>();
    private final List<PlacedRom> roms = new ArrayList<>();
    private final TreeSet<Integer> indices = new TreeSet<>();

    /** A drive of a device at a PCI address. */
    private record Placed(BootSource source, int pciAddress) {
    }

    /** A ROM, and the user's number for its device; {@link #NONE} if there is none. */
    private record PlacedRom(byte[] image, int ids, int pciAddress, int bootIndex) {
    }

    /** Adds a drive. */
    void add(BootSource source, int pciAddress) {
        drives.add(new Placed(source, pciAddress));
        source.bootIndex().ifPresent(this::reserve);
    }

    /** Adds a device's ROM. */
    void addRom(PciCard card) {
        int index = card.config().bootIndex().orElse(NONE);
        card.config().bootIndex().ifPresent(this::reserve);
        card.function().expansionRom().ifPresent(rom ->
                roms.add(new PlacedRom(rom.image(), card.function().ids(), card.address(), index)));
    }

    /** Adds a ROM of no device. */
    void addRom(byte[] image) {
        roms.add(new PlacedRom(image, 0, 0, NONE));
    }

    private void reserve(int bootIndex) {
        if (bootIndex > NONE) {
            indices.add(bootIndex);
        }
    }

    /** From 1 for the lowest of the user's numbers. */
    private int priority(int bootIndex) {
        return bootIndex > NONE ? indices.headSet(bootIndex).size() + 1 : NONE;
    }

    /** All of it, for the services. No others are added later. */
    BootOptions options(FirmwareConfig firmware, MachineBoard board, Alarm alarm) {
        List<BootDrive> made = new ArrayList<>();
        drives.sort(Comparator.comparingInt(Placed::pciAddress));
        for (Placed placed : drives) {
            SourceDisk disk = new SourceDisk("bios-disk" + made.size(), placed.source(), board.workers(), alarm);
            board.atEnd(disk.worker()::close);
            made.add(placed.source().drive().make(disk, placed.pciAddress(),
                    priority(placed.source().bootIndex().orElse(NONE))));
        }
        int halt = firmware.order().strict() && !indices.isEmpty() ? indices.size() + 1 : NONE;
        List<OptionRom> all = roms.stream().map(rom -> new OptionRom(rom.image(), rom.ids(), rom.pciAddress(),
                priority(rom.bootIndex()))).toList();
        return new BootOptions(made, halt, all, firmware.bootMenu(),
                firmware.menuMillis().orElse(BootOptions.DEFAULT_MENU_MILLIS), firmware.rebootMillis().orElse(NONE));
    }
}
