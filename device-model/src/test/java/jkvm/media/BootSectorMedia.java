package jkvm.media;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Media with the boot sector {@code sector}: a floppy disk, and discs that emulate a floppy disk or a hard disk. */
public final class BootSectorMedia {
    private static final int FLOPPY_SECTORS = 2880;
    private static final int FLOPPY_TRACK = 18;
    private static final int FLOPPY_HEADS = 2;
    /** An active partition for hard-disk emulation, which takes the disk's geometry from it. */
    private static final int DISK_TRACK = 63;
    private static final int DISK_HEADS = 16;
    private static final int DISK_CYLINDERS = 4;
    private static final int SECTOR = PartitionTable.SECTOR;

    private BootSectorMedia() {
    }

    /** A floppy disk of 1.44 MB. */
    public static Path floppy(MediaFolder folder) throws IOException {
        byte[] image = image(FLOPPY_SECTORS, FLOPPY_TRACK, FLOPPY_HEADS, "the floppy's second track");
        return folder.write("floppy.img", image);
    }

    /** A disc that emulates {@link #floppy} (El Torito 1.0, section 5). */
    public static Path floppyDisc(MediaFolder folder) throws IOException {
        Files.copy(floppy(folder), folder.folder("floppy").path("floppy.img"));
        return disc(folder, "floppy-disc.iso", "-b", "floppy.img", "floppy");
    }

    /** A disc that emulates a hard disk with one partition. */
    public static Path hardDiskDisc(MediaFolder folder) throws IOException {
        byte[] image = image(DISK_CYLINDERS * DISK_HEADS * DISK_TRACK, DISK_TRACK, DISK_HEADS,
                "the disk's second track");
        byte[] partition = {(byte) 0x80, 1, 1, 0, 6, DISK_HEADS - 1, DISK_TRACK, DISK_CYLINDERS - 1, DISK_TRACK, 0, 0,
            0, (byte) 0xC1, 0xF, 0, 0};
        System.arraycopy(partition, 0, image, 446, partition.length);
        folder.write("disk/disk.img", image);
        return disc(folder, "disk-disc.iso", "-b", "disk.img", "-hard-disk-boot", "disk");
    }

    private static Path disc(MediaFolder folder, String name, String... words) throws IOException {
        MediaFolder.require("xorriso", "/usr/bin/xorriso");
        List<String> command = new ArrayList<>(List.of("xorriso", "-as", "mkisofs", "-o", name, "-c", "boot.cat"));
        command.addAll(List.of(words));
        folder.run(command.toArray(String[]::new));
        return folder.path(name);
    }

    /** The text goes where {@code sector} reads: cylinder 1, head 1, sector 3. */
    private static byte[] image(int sectors, int track, int heads, String text) throws IOException {
        byte[] image = new byte[sectors * SECTOR];
        byte[] boot = Files.readAllBytes(MediaFolder.guest("sector"));
        System.arraycopy(boot, 0, image, 0, boot.length);
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, image, ((heads + 1) * track + 2) * SECTOR, bytes.length);
        return image;
    }
}
