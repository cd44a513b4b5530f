package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import jkvm.control.guest.Guest;
import jkvm.device.floppy.FloppyType;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DriveSpec;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.FirmwareConfig;
import jkvm.soft.Accelerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SeaBIOS's own driver boots, reads and writes a floppy disk through the controller, with interrupts and DMA. */
@GuestTest
@Timeout(120)
class FloppyGuestTest {
    private static final Path ROM = Path.of("/usr/share/seabios/bios-256k.bin");
    private static final int SECTOR = 512;
    private static final int SECTORS = 2880;
    private static final int TRACK = 18;
    private static final int STATUS = 0x2A;
    /** Of cylinder 79, head 1, sector 18. */
    private static final int LAST = SECTORS - 1;
    /** Reads a side of 18 sectors, writes the boot sector to the disk's last one, ends with a byte of what it read. */
    private static final String CODE = "31c0 8ed8 8ec0 8ed0 bc007c"
            + "b81202 b90100 ba0001 bb0080 cd13 7215"    // cylinder 0, head 1 to 0x8000
            + "b80103 b9124f ba0001 bb007c cd13 7207"    // 0x7C00 to the last sector
            + "a00080 e6f4 ebfe" + "88e0 e6f4 ebfe";

    @TempDir
    private Path folder;
    private final Guests guests;

    FloppyGuestTest(Guests guests) {
        this.guests = guests;
    }

    @Test
    void shouldBootReadAndWriteUnderSeaBios() throws Exception {
        assumeTrue(Files.exists(ROM), "Debian's package seabios is not installed");
        assumeTrue(guests.accelerator().kind() == Accelerator.Kind.SOFT || Boolean.getBoolean("jkvm.long"),
                "SeaBIOS takes long on this host's KVM: -Djkvm.long=true");
        byte[] image = new byte[SECTORS * SECTOR];
        byte[] code = HexFormat.of().parseHex(CODE.replace(" ", ""));
        System.arraycopy(code, 0, image, 0, code.length);
        image[SECTOR - 2] = 0x55;
        image[SECTOR - 1] = (byte) 0xAA;
        image[TRACK * SECTOR] = STATUS;
        Path file = Files.write(folder.resolve("floppy.img"), image);

        Guest guest = guests.start(Guests.machine(32).firmware(FirmwareConfig.DEFAULT.withRom(ROM))
                .device(DeviceConfig.of(FloppyType.TYPE).with(FloppyType.DRIVE, DriveSpec.ofPath("floppy0", file,
                        ImageOptions.WRITABLE.withFormat(ImageFormat.RAW)))));

        assertEquals(STATUS, guest.awaitEnd(Duration.ofSeconds(60)).status() >> 1, guest::output);
        byte[] after = Files.readAllBytes(file);
        assertArrayEquals(Arrays.copyOf(image, SECTOR), Arrays.copyOfRange(after, LAST * SECTOR, SECTORS * SECTOR));
    }
}
