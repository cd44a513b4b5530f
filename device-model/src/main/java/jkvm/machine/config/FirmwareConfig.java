package jkvm.machine.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The firmware's image and settings. All but the ROM is there for a guest without firmware, too. Files are not
 * looked at yet.
 *
 * @param rom          ends below 4 GiB and is shadowed below 1 MiB; not used with a kernel
 * @param items        files of the firmware configuration device besides the machine's own
 * @param order        what it tries to boot
 * @param bootMenu     true if the firmware offers a choice
 * @param menuMillis   how long it does
 * @param rebootMillis after how long it tries again if nothing boots; never if absent
 * @param folders      where ROMs are looked for, before those in which distributions install them
 * @param optionRoms   what it runs besides the ROMs of devices
 */
public record FirmwareConfig(Optional<Path> rom, List<Item> items, Order order, boolean bootMenu,
        OptionalInt menuMillis, OptionalInt rebootMillis, List<Path> folders, List<Path> optionRoms) {
    /** QEMU's: no ROM of the user's, no items, no menu. */
    public static final FirmwareConfig DEFAULT = new FirmwareConfig(Optional.empty(), List.of(), Order.DEFAULT, false,
            OptionalInt.empty(), OptionalInt.empty(), List.of(), List.of());

    public FirmwareConfig {
        items = List.copyOf(items);
        folders = List.copyOf(folders);
        optionRoms = List.copyOf(optionRoms);
    }

    /** The same with a ROM. */
    public FirmwareConfig withRom(Path file) {
        return new FirmwareConfig(Optional.of(file), items, order, bootMenu, menuMillis, rebootMillis, folders,
                optionRoms);
    }

    /** The same with other items. */
    public FirmwareConfig withItems(List<Item> others) {
        return new FirmwareConfig(rom, others, order, bootMenu, menuMillis, rebootMillis, folders,
                optionRoms);
    }

    /** The same with another order. */
    public FirmwareConfig withOrder(Order other) {
        return new FirmwareConfig(rom, items, other, bootMenu, menuMillis, rebootMillis, folders,
                optionRoms);
    }

    /**
     * The same with a menu.
     *
     * @param millis how long it is shown; empty for the firmware's own time
     */
    public FirmwareConfig withBootMenu(OptionalInt millis) {
        return new FirmwareConfig(rom, items, order, true, millis, rebootMillis, folders,
                optionRoms);
    }

    /** The same, and it tries again after a time if nothing boots. */
    public FirmwareConfig withReboot(int millis) {
        return new FirmwareConfig(rom, items, order, bootMenu, menuMillis, OptionalInt.of(millis),
                folders, optionRoms);
    }

    /**
     * {@code -boot}.
     *
     * @param kinds  up to three of the letters a and b (floppy), c (disk), d (CD), n (network)
     * @param once   what holds until the first reset instead
     * @param strict true if firmware is not to try devices that have no boot index, where some have one
     */
    public record Order(String kinds, Optional<String> once, boolean strict) {
        /** QEMU's. */
        public static final Order DEFAULT = new Order("cad", Optional.empty(), false);
    }

    /**
     * A file for firmware and guest ({@code -fw_cfg}).
     *
     * @param name of the file that the guest sees
     * @param file its content, or else {@code text}
     */
    public record Item(String name, Optional<Path> file, String text) {
    }
}
