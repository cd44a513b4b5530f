package jkvm.machine;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What firmware is and what it is told. All but the ROM is there for a guest without firmware, too. Files are not
 * looked at yet.
 *
 * @param rom             ends below 4 GiB and is shadowed below 1 MiB; not used with a kernel
 * @param items           files of the firmware configuration device besides the machine's own
 * @param bootOrder       up to three of the letters a and b (floppy), c (disk), d (CD), n (network)
 * @param bootOnce        what holds until the first reset instead
 * @param strict          true if firmware is not to try devices that have no boot index, where some have one
 * @param bootMenu        true if the firmware offers a choice
 * @param menuMillis      how long it does
 * @param rebootMillis    after how long it tries again if nothing boots; never if absent
 */
public record FirmwareConfig(Optional<Path> rom, List<Item> items, String bootOrder,
        Optional<String> bootOnce, boolean strict, boolean bootMenu, OptionalInt menuMillis, OptionalInt rebootMillis) {
    /** QEMU's. */
    public static final String DEFAULT_BOOT_ORDER = "cad";

    public FirmwareConfig {
        items = List.copyOf(items);
    }

    /**
     * {@code -fw_cfg}.
     *
     * @param option the option as the user wrote it, for messages
     * @param name   of the file that the guest sees
     * @param file   its content, or else {@code text}
     */
    public record Item(String option, String name, Optional<Path> file, String text) {
    }
}
