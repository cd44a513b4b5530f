package jkvm.media;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Media from which the Syslinux family of boot loaders starts, with a menu on the first serial port and the screen. */
public final class SyslinuxMedia {
    /** The menu's title. */
    public static final String TITLE = "Systems for the test";
    /** The first entry: the multiboot kernel {@code hello}. */
    public static final String HELLO = "A multiboot kernel";
    /** The second entry: memtest86+, on the serial port too. */
    public static final String MEMTEST = "A test of the memory";
    private static final String MODULES = "/usr/lib/syslinux/modules/bios/";
    private static final String ISOLINUX = "/usr/lib/ISOLINUX/isolinux.bin";
    private static final String MBR = "/usr/lib/syslinux/mbr/mbr.bin";
    private static final String MEMTEST_IMAGE = "/boot/memtest86+x64.bin";
    private static final String[] PARTS = {"menu.c32", "mboot.c32", "ldlinux.c32", "libutil.c32", "libcom32.c32"};
    private static final String CONFIGURATION = """
            SERIAL 0 115200
            UI menu.c32
            MENU TITLE %s
            LABEL hello
              MENU LABEL %s
              KERNEL mboot.c32
              APPEND /hello.bin from syslinux
            LABEL memtest
              MENU LABEL %s
              LINUX /memtest.bin
              APPEND console=ttyS0,115200
            """.formatted(TITLE, HELLO, MEMTEST);
    private static final int PARTITION_KIBIBYTES = 8192;
    private static final int PARTITION_SECTOR = 2048;

    private SyslinuxMedia() {
    }

    /** A disc with isolinux. */
    public static Path iso(MediaFolder folder) throws IOException {
        MediaFolder.require("isolinux syslinux-common memtest86+ xorriso", "/usr/bin/xorriso", ISOLINUX,
                MODULES + PARTS[0], MEMTEST_IMAGE);
        folder.copy(Path.of(ISOLINUX), "root/isolinux.bin");
        files(folder, "root/isolinux.cfg");
        folder.run("xorriso", "-as", "mkisofs", "-o", "isolinux.iso", "-b", "isolinux.bin", "-c", "boot.cat",
                "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table", "root");
        return folder.path("isolinux.iso");
    }

    private static void files(MediaFolder folder, String configuration) throws IOException {
        for (String part : PARTS) {
            folder.copy(Path.of(MODULES, part), "root/" + part);
        }
        folder.copy(MediaFolder.guest("hello"), "root/hello.bin");
        folder.copy(Path.of(MEMTEST_IMAGE), "root/memtest.bin");
        folder.write(configuration, CONFIGURATION);
    }

    /** A disk with syslinux on an active FAT partition, and Syslinux's boot sector. */
    public static Path disk(MediaFolder folder) throws IOException {
        MediaFolder.require("syslinux syslinux-common memtest86+ mtools dosfstools", "/usr/bin/syslinux",
                "/usr/bin/mcopy", "/sbin/mkfs.fat", MBR, MODULES + PARTS[0], MEMTEST_IMAGE);
        files(folder, "root/syslinux.cfg");
        folder.run("mkfs.fat", "-F", "16", "-s", "2", "-C", "-h", Integer.toString(PARTITION_SECTOR), "fat.img",
                Integer.toString(PARTITION_KIBIBYTES));
        folder.run("sh", "-c", "mcopy -i fat.img root/* ::/");
        folder.run("syslinux", "--install", "fat.img");
        return folder.write("syslinux.img", PartitionTable.MBR.disk(Files.readAllBytes(Path.of(MBR)), new byte[0],
                Files.readAllBytes(folder.path("fat.img"))));
    }

    /** A disk whose active ext4 partition has all that extlinux needs, but not extlinux itself. */
    public static Path ext4Disk(MediaFolder folder) throws IOException {
        MediaFolder.require("syslinux-common memtest86+ e2fsprogs", "/sbin/mke2fs", MBR, MODULES + PARTS[0],
                MEMTEST_IMAGE);
        files(folder, "root/extlinux.conf");
        // Syslinux reads no ext4 with 64-bit block numbers.
        folder.run("mke2fs", "-q", "-t", "ext4", "-O", "^64bit", "-d", "root", "ext4.img",
                PARTITION_KIBIBYTES + "k");
        return folder.write("extlinux.img", PartitionTable.MBR.disk(Files.readAllBytes(Path.of(MBR)), new byte[0],
                Files.readAllBytes(folder.path("ext4.img"))));
    }
}
