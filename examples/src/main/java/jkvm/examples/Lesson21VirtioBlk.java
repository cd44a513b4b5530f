package jkvm.examples;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import jkvm.control.guest.Guest;
import jkvm.device.testdev.IsaDebugExitType;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DriveSpec;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.MachineType;

/**
 * Lesson 21: a virtio disk. A request is a chain of three buffers in the queue of lesson 20. The device's worker reads
 * and writes the file while the guest goes on. The guest (virtio-blk.S) reads sector 1, prints it, and writes it to
 * sector 2.
 */
public final class Lesson21VirtioBlk {
    private static final int SECTOR = 512;
    private static final int SECTORS = 8;

    private Lesson21VirtioBlk() {
    }

    public static void main(String[] args) throws IOException {
        byte[] content = new byte[SECTORS * SECTOR];
        byte[] text = "hello from sector 1".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, content, SECTOR, text.length);
        Path disk = Files.createTempFile("lesson", ".img");
        try {
            Files.write(disk, content);
            DriveSpec drive = DriveSpec.ofPath("disk", disk, ImageOptions.WRITABLE.withFormat(ImageFormat.RAW));
            MachineConfig config = MachineConfig.builder().type(MachineType.MICROVM).memory(8 << 20).console()
                    .kernel(GuestImage.file("virtio-blk"))
                    .device(DeviceConfig.of(VirtioBlockType.MMIO).with(VirtioBlockType.DRIVE, drive))
                    .device(DeviceConfig.of(IsaDebugExitType.TYPE).with(IsaDebugExitType.PORT, 0xf4)).build();
            try (Guest guest = Guest.builder(config).accelerator(LessonAccelerator.open(args)).build()) {
                guest.start().awaitEnd(Duration.ofSeconds(10));
                System.out.print(guest.output());
            }

            byte[] sector2 = Arrays.copyOfRange(Files.readAllBytes(disk), 2 * SECTOR, 3 * SECTOR);
            System.out.println("sector 2 of the file: " + new String(sector2, StandardCharsets.US_ASCII).trim());
        } finally {
            Files.delete(disk);
        }
    }
}
