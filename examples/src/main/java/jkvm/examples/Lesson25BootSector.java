package jkvm.examples;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import jkvm.control.guest.Guest;
import jkvm.device.testdev.IsaDebugExitType;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DriveSpec;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;

/**
 * Lesson 25: a boot sector. The machine has a disk and no kernel, so its BIOS starts the disk's first sector
 * (boot-sector.S). That program asks the BIOS for all that it needs: INT 13h reads a sector, INT 10h prints, INT 16h
 * waits for a key. The machine has no display either: its BIOS prints to the serial port and takes keys from there.
 */
public final class Lesson25BootSector {
    private static final int SECTOR = 512;
    private static final int SECTORS = 64;
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final String KEY = "x";

    private Lesson25BootSector() {
    }

    public static void main(String[] args) throws IOException {
        Path disk = Files.createTempFile("lesson", ".img");
        try {
            Files.write(disk, content());
            try (Guest guest = Guest.builder(machine(disk)).accelerator(LessonAccelerator.open(args)).build()) {
                guest.start().awaitOutput("press a key: ", PATIENCE);
                guest.type(KEY);
                guest.awaitEnd(PATIENCE);
                System.out.print(guest.output().replace("\r", ""));
            }
        } finally {
            Files.delete(disk);
        }
    }

    /** The disk, sector by sector. People count sectors of a track from 1. */
    static byte[] content() {
        byte[] content = new byte[SECTORS * SECTOR];
        put(content, 1, GuestImage.read("boot-sector"));
        put(content, 2, "hello from sector 2\r\n".getBytes(StandardCharsets.US_ASCII));
        put(content, 3, "sector 3 greets as well\r\n".getBytes(StandardCharsets.US_ASCII));
        return content;
    }

    private static void put(byte[] content, int sector, byte[] bytes) {
        System.arraycopy(bytes, 0, content, (sector - 1) * SECTOR, bytes.length);
    }

    /** A machine that boots from a disk and has a serial port. */
    static MachineConfig machine(Path disk) {
        DriveSpec drive = DriveSpec.ofPath("disk", disk, ImageOptions.WRITABLE.withFormat(ImageFormat.RAW));
        return MachineConfig.builder().memory(8 << 20).console()
                .device(DeviceConfig.of(VirtioBlockType.PCI).with(VirtioBlockType.DRIVE, drive))
                .device(DeviceConfig.of(IsaDebugExitType.TYPE).with(IsaDebugExitType.PORT, 0xf4)).build();
    }
}
