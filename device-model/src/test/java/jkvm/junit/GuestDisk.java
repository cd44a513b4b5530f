package jkvm.junit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jkvm.device.board.DeviceType;
import jkvm.device.board.PciPlace;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DriveSpec;
import jkvm.machine.config.DeviceConfig;

/**
 * A raw disk that a test reads after its guest has written to it.
 *
 * @param file the image
 */
public record GuestDisk(Path file) {

    /** It as a virtio disk, for {@code MachineConfig.builder().device()}. */
    public DeviceConfig virtio() {
        return DeviceConfig.of(VirtioBlockType.PCI).with(VirtioBlockType.DRIVE, drive());
    }

    /** It as a virtio disk of one of {@link VirtioBlockType}'s kinds, in a slot of the PCI bus. */
    public DeviceConfig virtio(int slot, DeviceType type) {
        return DeviceConfig.of(type).with(PciPlace.ADDRESS, slot << 3).with(VirtioBlockType.DRIVE, drive());
    }

    private DriveSpec drive() {
        return DriveSpec.ofPath(file.getFileName().toString(), file,
                ImageOptions.WRITABLE.withFormat(ImageFormat.RAW));
    }

    /** The bytes on it now. */
    public byte[] content() {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
