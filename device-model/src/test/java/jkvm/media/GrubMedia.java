package jkvm.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Media from which GRUB starts, with a menu on the first serial port and on the screen. */
public final class GrubMedia {
    /** The first entry of {@link #MENU}: the multiboot kernel {@code hello}, with two words. */
    public static final String FIRST = "The first entry";
    /** The second entry: the same kernel, with other words. */
    public static final String SECOND = "The second entry";
    /** Entries that start {@code hello}, which must be in the medium's folder {@code boot}. */
    public static final String MENU = """
            menuentry "%s" { multiboot /boot/hello.bin one first }
            menuentry "%s" { multiboot /boot/hello.bin two second }
            """.formatted(FIRST, SECOND);
    private static final String PACKAGES = "grub-pc-bin grub-common xorriso mtools";
    private static final Path PARTS = Path.of("/usr/lib/grub/i386-pc");
    private static final String[] ISO_TOOLS = {"/usr/bin/grub-mkrescue", "/usr/bin/xorriso", "/usr/bin/mformat",
        PARTS + "/boot.img"};
    private static final String[] DISK_TOOLS = {"/usr/bin/grub-mkimage", "/sbin/mke2fs", PARTS + "/boot.img"};
    private static final String CONSOLES = """
            serial --unit=0 --speed=115200
            terminal_input serial console
            terminal_output serial console
            set timeout=-1
            """;
    private static final String MODULES = "normal serial terminal multiboot linux linux16 iorw";
    /** In the core's first sector: the sector of the disk where the rest of the core begins. */
    private static final int REST_OFFSET = 0x1F4;
    /** In the boot sector: the sector of the disk where the core begins. */
    private static final int CORE_OFFSET = 0x5C;

    private GrubMedia() {
    }

    /** A file grub.cfg: the menu is on the first serial port and on the screen, and waits for a choice. */
    public static String configuration(String entries) {
        return CONSOLES + entries;
    }

    /** A GRUB disc with {@link #MENU}. */
    public static Path iso(MediaFolder folder) throws IOException {
        folder.copy(MediaFolder.guest("hello"), "root/boot/hello.bin");
        return iso(folder, MENU);
    }

    /**
     * A disc made by grub-mkrescue.
     *
     * @param folder  what is in its folder {@code root} goes onto the disc
     * @param entries of the menu
     */
    public static Path iso(MediaFolder folder, String entries) throws IOException {
        MediaFolder.require(PACKAGES, ISO_TOOLS);
        folder.write("root/boot/grub/grub.cfg", configuration(entries));
        folder.run("grub-mkrescue", "-d", PARTS.toString(), "-o", "grub.iso", "--locales=", "--fonts=", "--themes=",
                "--install-modules=" + MODULES, "root");
        return folder.path("grub.iso");
    }

    /** A disk with {@link #MENU} on its ext4 partition. */
    public static Path disk(MediaFolder folder, PartitionTable table) throws IOException {
        folder.copy(MediaFolder.guest("hello"), "root/boot/hello.bin");
        return disk(folder, table, 4, MENU);
    }

    /**
     * A disk as grub-install makes it: GRUB's core before the partition of an MBR, or in a BIOS boot partition of a
     * GPT; menu and kernels on an ext4 partition.
     *
     * @param folder    what is in its folder {@code root} goes onto the partition
     * @param mebibytes of the partition
     * @param entries   of the menu
     */
    public static Path disk(MediaFolder folder, PartitionTable table, int mebibytes, String entries)
            throws IOException {
        MediaFolder.require(PACKAGES, DISK_TOOLS);
        folder.write("root/boot/grub/grub.cfg", configuration(entries));
        folder.run("mke2fs", "-q", "-t", "ext4", "-d", "root", "partition.img", mebibytes + "M");
        List<String> making = new ArrayList<>(List.of("grub-mkimage", "-d", PARTS.toString(), "-O", "i386-pc",
                "-o", "core.img", "-p", "(hd0," + table.dataPartition() + ")/boot/grub", "biosdisk", "part_msdos",
                "part_gpt", "ext2"));
        making.addAll(List.of(MODULES.split(" ")));
        folder.run(making.toArray(String[]::new));
        byte[] boot = Files.readAllBytes(PARTS.resolve("boot.img"));
        byte[] core = Files.readAllBytes(folder.path("core.img"));
        ByteBuffer.wrap(boot).order(ByteOrder.LITTLE_ENDIAN).putLong(CORE_OFFSET, table.loaderSector());
        ByteBuffer.wrap(core).order(ByteOrder.LITTLE_ENDIAN).putLong(REST_OFFSET, table.loaderSector() + 1);
        return folder.write("disk.img", table.disk(boot, core, Files.readAllBytes(folder.path("partition.img"))));
    }
}
