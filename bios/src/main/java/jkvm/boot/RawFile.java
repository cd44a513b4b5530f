package jkvm.boot;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import jkvm.boot.BootException.Role;

/** Files that go into the machine as they are: ROMs, and items of its firmware configuration device. */
public final class RawFile {
    /** Firmware ends below 4 GiB; further down begin the addresses of devices. */
    public static final int MAX_ROM_SIZE = 16 << 20;
    /** Firmware comes in units of this size. */
    public static final int ROM_UNIT = 64 << 10;

    private static final int KIB = 1 << 10;
    /** The first two bytes of an expansion ROM (PCI 3.0 section 6.3.1.1). */
    private static final int EXPANSION_ROM_SIGNATURE = 0xAA55;
    /** Where Debian and others install firmware for QEMU, in QEMU's order. */
    public static final List<Path> FIRMWARE_FOLDERS =
            List.of(Path.of("/usr/share/qemu"), Path.of("/usr/share/seabios"), Path.of("/usr/lib/ipxe/qemu"));

    private RawFile() {
    }

    /**
     * Reads a whole regular file.
     *
     * @param maximum the largest size that is taken
     * @throws BootException if it cannot be read or is larger
     */
    public static byte[] read(Role role, Path path, int maximum) {
        try (BootFile file = BootFile.open(role, path.toString())) {
            if (file.size() > maximum) {
                throw file.error("has %d bytes; the limit is %d".formatted(file.size(), maximum));
            }
            return file.read(0, (int) file.size()).array();
        }
    }

    /**
     * Reads a firmware ROM.
     *
     * @param path    a name without a folder that is no file here is looked for in folders
     * @param folders the user's for this, before {@link #FIRMWARE_FOLDERS}
     * @throws BootException if it cannot be read, or is no multiple of {@link #ROM_UNIT} up to {@link #MAX_ROM_SIZE}
     */
    public static byte[] readRom(Path path, List<Path> folders) {
        try (BootFile file = openRom(path, folders)) {
            return file.read(0, (int) file.size()).array();
        }
    }

    /**
     * Checks a firmware ROM that is not used.
     *
     * @param path    as {@link #readRom} takes it
     * @param folders as {@link #readRom} takes them
     * @throws BootException as from {@link #readRom}
     */
    public static void checkRom(Path path, List<Path> folders) {
        openRom(path, folders).close();
    }

    private static BootFile openRom(Path path, List<Path> folders) {
        BootFile file = BootFile.open(Role.FIRMWARE, find(path, folders).toString());
        if (file.size() == 0 || file.size() % ROM_UNIT != 0 || file.size() > MAX_ROM_SIZE) {
            file.close();
            throw file.error("has %d bytes; firmware is a multiple of %d KiB, up to %d MiB"
                    .formatted(file.size(), ROM_UNIT / KIB, MAX_ROM_SIZE / KIB / KIB));
        }
        return file;
    }

    /**
     * Reads the expansion ROM of a device.
     *
     * @param path    as {@link #readRom} takes it
     * @param folders as {@link #readRom} takes them
     * @throws BootException if it cannot be read, has no ROM's signature or more than {@link #MAX_ROM_SIZE} bytes
     */
    public static byte[] readExpansionRom(Path path, List<Path> folders) {
        byte[] rom = read(Role.ROM_FILE, find(path, folders), MAX_ROM_SIZE);
        if (rom.length < 2 || (rom[0] & 0xFF | (rom[1] & 0xFF) << Byte.SIZE) != EXPANSION_ROM_SIGNATURE) {
            throw new BootException(BootException.Kind.UNUSABLE, Role.ROM_FILE, path.toString(),
                    "is not an expansion ROM, which begins with the bytes 55 AA", null);
        }
        return rom;
    }

    /** True if there is a file that the functions for ROMs find under this path. */
    public static boolean isInstalled(Path path, List<Path> folders) {
        return Files.exists(find(path, folders));
    }

    /**
     * The file that the functions for ROMs take for a path, maybe one that is not there.
     *
     * @param folders as {@link #readRom} takes them
     */
    public static Path find(Path path, List<Path> folders) {
        if (path.getNameCount() != 1 || path.isAbsolute() || path.toString().isEmpty() || Files.exists(path)) {
            return path;
        }
        return Stream.concat(folders.stream(), FIRMWARE_FOLDERS.stream()).map(folder -> folder.resolve(path))
                .filter(Files::exists).findFirst().orElse(path);
    }
}
