package jkvm.bios.disk;

import java.util.List;
import jkvm.bios.BiosData;

/**
 * How a machine boots, as its user wants it.
 *
 * @param drives       in the order in which those of one kind are tried
 * @param haltPriority the number after which no others are tried; negative if all are
 * @param roms         of devices, and those of no device
 * @param menu         whether there is a boot menu
 * @param menuMillis   how long it waits for the key that opens it
 * @param retryMillis  how long to wait before the next try if nothing boots; negative for ever
 */
public record BootOptions(List<BootDrive> drives, int haltPriority, List<OptionRom> roms, boolean menu, int menuMillis,
        int retryMillis) {
    /** How long SeaBIOS's boot menu waits for the key. */
    public static final int DEFAULT_MENU_MILLIS = 2500;

    public BootOptions {
        drives = List.copyOf(drives);
        roms = List.copyOf(roms);
    }

    /** The same machine with other drives. */
    public BootOptions withDrives(List<BootDrive> others) {
        return new BootOptions(others, haltPriority, roms, menu, menuMillis, retryMillis);
    }

    /** The sequence as the state in guest memory has it. */
    BootSequence sequence(BiosData data) {
        return new BootSequence(drives, haltPriority, RomEntries.all(data), data.readWord(DiskArea.ORDER),
                data.readByte(DiskArea.CHOICE));
    }
}
