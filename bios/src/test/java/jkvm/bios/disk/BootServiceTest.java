package jkvm.bios.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import jkvm.bios.BiosData;
import jkvm.bios.BiosFixture;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.ServiceTable;
import org.junit.jupiter.api.Test;

/** INT 19h and the time before it, with a guest's handlers that the test plays. */
class BootServiceTest {
    private static final int VIDEO = 0x10;
    private static final int DISK = 0x13;
    private static final int KEYBOARD = 0x16;
    private static final int BOOT_FAILURE = 0x18;
    private static final int BOOT = 0x19;
    private static final int BLOCK = BootCatalog.BLOCK_SIZE;
    private static final int USUAL_ORDER = 0x3D;
    private static final int MAX_STEPS = 10_000;

    private final StringBuilder screen = new StringBuilder();
    private final Deque<Character> keys = new ArrayDeque<>();
    private final FakeDisk disk = new FakeDisk(100, 512);
    private final FakeDisk cd = new FakeDisk(64, BLOCK);
    private BiosFixture bios;
    private int ticks;
    /** A key for each time that a service waits. */
    private String typesWhenAsked = "";

    private void machine(boolean menu, int retryMillis) {
        BootOptions options = new BootOptions(List.of(
                BootDrive.hardDisk(disk, DriveGeometry.NONE, new Attachment.Scsi(0x18), "the disk", -1),
                BootDrive.cd(cd, new Attachment.Plain(), "the CD", -1)), -1, List.of(), menu,
                BootOptions.DEFAULT_MENU_MILLIS, retryMillis);
        bios = new BiosFixture(host -> DiskServices.addTo(ServiceTable.EMPTY, options, host.ports()));
        // The clock's data: hard disks before CDs, by each of its addresses.
        bios.ports[0x71] = 0x32;
        for (int vector = 0; vector < 0x20; vector++) {
            bios.ram().writeInt(4L * vector, 0xF000_0000 | vector);
        }
    }

    private void makeCdBootable(int media) {
        ByteBuffer content = ByteBuffer.wrap(cd.content()).order(ByteOrder.LITTLE_ENDIAN);
        content.put(17 * BLOCK, (byte) 0);
        content.put(17 * BLOCK + 1, "CD001\001EL TORITO SPECIFICATION\0".getBytes(StandardCharsets.US_ASCII));
        content.putInt(17 * BLOCK + 0x47, 20);
        content.put(20 * BLOCK, (byte) 1).put(20 * BLOCK + 1, (byte) 0).putShort(20 * BLOCK + 0x1E, (short) 0xAA55);
        content.put(20 * BLOCK + 0x20, (byte) 0x88).put(20 * BLOCK + 0x21, (byte) media);
        content.putShort(20 * BLOCK + 0x22, (short) 0).putShort(20 * BLOCK + 0x26, (short) 4);
        content.putInt(20 * BLOCK + 0x28, 21);
    }

    private Call run(int number) {
        Call call = bios.call(number, _ -> { });
        for (int i = 0; i < MAX_STEPS && bios.outcome() != Outcome.DONE; i++) {
            if (bios.outcome() == Outcome.AGAIN) {
                ticks += 10;
                bios.ram().writeInt(BiosData.TICKS, ticks);
                if (!typesWhenAsked.isEmpty()) {
                    keys.add(typesWhenAsked.charAt(0));
                    typesWhenAsked = typesWhenAsked.substring(1);
                }
            } else if (!serve(bios.target() & 0xFF)) {
                call = bios.call(BOOT_FAILURE, _ -> { });
                continue;
            }
            call = bios.again();
        }
        return call;
    }

    /** False where the handler begins a service anew. */
    private boolean serve(int vector) {
        bios.change(call -> {
            switch (vector) {
                case VIDEO -> screen.append((char) call.al());
                case DISK -> {
                    bios.ram().write(0x7C00, disk.content(), 0, 512);
                    call.carry(false);
                }
                case KEYBOARD -> {
                    call.zero(keys.isEmpty());
                    call.al(keys.isEmpty() ? 0 : call.ah() == 0 ? keys.poll() : keys.peek());
                }
                default -> { }
            }
        });
        return vector != BOOT_FAILURE;
    }

    @Test
    void shouldGiveABootSectorTheRegistersOfSeaBios() {
        machine(false, -1);
        ByteBuffer.wrap(disk.content()).order(ByteOrder.LITTLE_ENDIAN).putShort(510, (short) 0xAA55);

        run(ServiceTable.OPTION_ROMS);
        Call call = run(BOOT);

        assertEquals("Booting from Hard Disk...\r\n", screen.toString());
        assertEquals(0, call.cs());
        assertEquals(0x7C00, call.ip());
        assertEquals(0xAA55, call.eax());
        assertEquals(0x80, call.edx());
        assertEquals(0, call.ebx() | call.ecx() | call.esi() | call.edi() | call.ebp() | call.ds() | call.es());
        assertEquals(1, call.data().readByte(BiosData.DISK_COUNT));
    }

    @Test
    void shouldTryTheNextDriveAndStartACdsImage() {
        machine(false, -1);
        makeCdBootable(0);

        run(ServiceTable.OPTION_ROMS);
        Call call = run(BOOT);

        assertEquals("Booting from Hard Disk...\r\nBoot failed: not a bootable disk\r\n\r\nBooting from DVD/CD...\r\n",
                screen.toString());
        assertEquals(0x7C00, call.ip());
        assertEquals(0xE0, call.edx());
        assertEquals(21, bios.ram().readByte(0x7C00));
    }

    @Test
    void shouldGiveADiskImageOfACdTheNumberOfADisk() {
        machine(false, -1);
        makeCdBootable(4);

        run(ServiceTable.OPTION_ROMS);
        Call call = run(BOOT);

        assertEquals(0x80, call.edx());
    }

    @Test
    void shouldSayThatNothingBootsAndStartAnewAfterTheTimeThatTheUserWants() {
        machine(false, 2000);

        run(ServiceTable.OPTION_ROMS);
        Call call = run(BOOT);

        assertTrue(screen.toString().endsWith("No bootable device.  Retrying in 2 seconds.\r\nRebooting.\r\n"),
                screen::toString);
        assertTrue(screen.toString().contains("Could not read from CDROM (code 0004)"), screen::toString);
        assertEquals(0xF000, call.cs());
        assertEquals(0xFFF0, call.ip());
    }

    @Test
    void shouldBootWhatTheUserChoosesInTheMenu() {
        machine(true, -1);
        makeCdBootable(0);
        keys.add('x');
        run(ServiceTable.OPTION_ROMS);
        assertEquals("\r\nPress ESC for boot menu.\r\n\r\n", screen.toString(), "an old key opens nothing");

        machine(true, -1);
        screen.setLength(0);
        typesWhenAsked = "\u001b2";
        run(ServiceTable.OPTION_ROMS);
        Call call = run(BOOT);

        assertEquals("\r\nPress ESC for boot menu.\r\n\r\nSelect boot device:\r\n\r\n1. the disk\r\n2. the CD\r\n\r\n"
                + "\r\nBooting from DVD/CD...\r\n", screen.toString());
        assertEquals(0xE0, call.edx());
    }
}
