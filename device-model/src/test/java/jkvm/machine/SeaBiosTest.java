package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jkvm.control.guest.Guest;
import jkvm.device.board.DeviceType;
import jkvm.device.board.PciPlace;
import jkvm.device.e1000.E1000Type;
import jkvm.device.platform.DebugConsole;
import jkvm.device.platform.IsaDebugconType;
import jkvm.device.platform.VmGenerationIdType;
import jkvm.device.testdev.PciTestdevType;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.host.image.DriveSpec;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.FirmwareConfig;
import jkvm.machine.config.MachineConfig;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Debian's SeaBIOS, unmodified, as it tells of itself at debug port 0x402. */
@GuestTest
@Timeout(180)
class SeaBiosTest {
    private static final Path ROM = Path.of("/usr/share/seabios/bios-256k.bin");
    /** The smallest that SeaBIOS knows. */
    private static final int FLOPPY_SIZE = 160 << 10;
    private static final int SECTOR = 512;
    private static final FirmwareConfig SEABIOS = FirmwareConfig.DEFAULT.withRom(ROM);
    private static final int STATUS = 0x2A;
    private static final String NOTHING = "No bootable device.";
    /** Of the chardev. */
    private static final String DEBUG = "debug";
    private static final String GENERATION = "00112233-4455-6677-8899-aabbccddeeff";
    private static final String GENERATION_IN_MEMORY = "33221100554477668899aabbccddeeff";
    private static final Duration POST = Duration.ofSeconds(120);

    /**
     * Reads CMOS byte 0x50; if it is 1, goes on after the check; else sets it and resets by the keyboard controller.
     */
    private static final String RESET_ONCE = "b050 e670 e471 3c01 740a" + "b001 e671 b0fe e664 ebfe";

    @TempDir
    private Path folder;
    private final Guests guests;
    /** The output of the last guest. */
    private String serial = "";

    SeaBiosTest(Guests guests) {
        this.guests = guests;
    }

    @BeforeEach
    void requireFirmware() {
        assumeTrue(Files.exists(ROM), "Debian's package seabios is not installed");
    }

    /** Runs to the end of POST, when SeaBIOS has found nothing to boot. */
    private String post(MachineConfig.Builder config) throws Exception {
        config.device(DeviceConfig.of(IsaDebugconType.TYPE).with(IsaDebugconType.PORT, DebugConsole.FIRMWARE_PORT)
                .with(IsaDebugconType.CHARDEV, new ChardevSpec(DEBUG, new ChardevSpec.Stdio(true), false)));
        Guest guest = guests.start(config);
        guest.awaitOutput(NOTHING, POST);
        MachineRun.await("the same at the debug port", () -> guest.output(DEBUG).contains(NOTHING));
        guest.quit();
        serial = guest.output();
        return guest.output(DEBUG);
    }

    @Test
    void shouldGetThroughPostToNothingToBoot() throws Exception {
        String log = post(TestConfigs.machine(64).cpus(2).firmware(SEABIOS)
                .device(DeviceConfig.of(PciTestdevType.TYPE)));
        assertAll(() -> has(log, "SeaBIOS (version "), () -> has(log, "QEMU fw_cfg DMA interface supported"),
                () -> has(log, "qemu/e820: addr 0x0000000000000000 len 0x0000000004000000 [RAM]"),
                () -> has(log, "Found 5 PCI devices (max PCI bus is 00)"), () -> has(log, "id=8086:1237"),
                () -> has(log, "id=8086:7113"), () -> has(log, "id=1b36:0005"),
                () -> has(log, "Found 2 cpu(s) max supported 2 cpu(s)"), () -> has(log, "Copying SMBIOS from"),
                () -> has(log, "ACPI: parse DSDT at"), () -> has(log, "PS2 keyboard initialized"),
                () -> has(log, NOTHING), () -> assertFalse(log.contains("WARNING"), log),
                () -> assertFalse(log.contains("Internal error"), log));
        has(serial, NOTHING);
    }

    @Test
    void shouldPlaceTheGenerationIdSoThatACopyFindsAnotherThere() throws Exception {
        Guest guest = guests.start(TestConfigs.machine(16).firmware(SEABIOS)
                .device(DeviceConfig.of(VmGenerationIdType.TYPE).with(VmGenerationIdType.GUID, GENERATION)));
        guest.awaitOutput(NOTHING, POST);

        long place = -1;
        for (long page = 40; page < 16 << 20 && place < 0; page += 4096) {
            place = HexFormat.of().formatHex(guest.read(page, 16)).equals(GENERATION_IN_MEMORY) ? page : -1;
        }

        assertTrue(place > 1 << 20, "reserved, at the end of memory");
        Machine machine = guest.machine();
        machine.load(machine.save().join()).join();
        String copy = machine.generationId().orElseThrow().toString();
        assertNotEquals(GENERATION, copy);
        assertEquals(copy.substring(19).replace("-", ""), HexFormat.of().formatHex(guest.read(place + 8, 8)));
    }

    @Test
    void shouldFindNoAcpiInAMachineWithoutIt() throws Exception {
        String log = post(TestConfigs.machine(32).firmware(SEABIOS).noAcpi());

        assertAll(() -> has(log, "Found 3 PCI devices (max PCI bus is 00)"), () -> has(log, "Copying SMBIOS from"),
                () -> assertFalse(log.contains("id=8086:7113"), log), () -> assertFalse(log.contains("ACPI"), log));
    }

    /** The boot sector ends with that which it reads at the timer's port. */
    @Test
    void shouldStartAMachineWithoutAnIntervalTimer() throws Exception {
        Path image = disk("disk.raw", "e440 e6f4 ebfe", 0);

        assertEquals(0xFF, boot(TestConfigs.machine(32).firmware(SEABIOS).noPit().device(drive(image))), () -> serial);
    }

    /**
     * A floppy disk, which SeaBIOS takes out of fw_cfg: a boot sector that resets the machine if CMOS byte 0x50 is 0,
     * else reads the second sector through INT 13h and ends with the status that it finds there.
     */
    private Path floppy() throws Exception {
        String code = "31c0 8ec0 8ed8" + RESET_ONCE
                + "b80102 b90200 31d2 bb007e cd13 7205"     // sector 2 to 0x7E00, or spin
                + "a0007e e6f4 ebfe";
        byte[] image = new byte[FLOPPY_SIZE];
        byte[] bytes = HexFormat.of().parseHex(code.replace(" ", ""));
        System.arraycopy(bytes, 0, image, 0, bytes.length);
        image[SECTOR - 2] = 0x55;
        image[SECTOR - 1] = (byte) 0xAA;
        image[SECTOR] = STATUS;
        return Files.write(folder.resolve("floppy.img"), image);
    }

    /** The floppy disk in the place where SeaBIOS looks for one. */
    private FirmwareConfig.Item floppyItem() throws Exception {
        return new FirmwareConfig.Item("floppyimg/test", Optional.of(floppy()), "");
    }

    private static FirmwareConfig.Order order(String kinds) {
        return new FirmwareConfig.Order(kinds, Optional.empty(), false);
    }

    @Test
    void shouldBootABootSectorAgainAfterAReset() throws Exception {
        assertEquals(STATUS, boot(TestConfigs.machine(32).firmware(SEABIOS.withItems(List.of(floppyItem()))
                .withOrder(order("a")))), () -> serial);
        assertEquals(2, Pattern.compile("Booting from Floppy").matcher(serial).results().count(), () -> serial);
    }

    /** A disk whose boot sector reads the second one through INT 13h and ends with the status that it finds there. */
    private Path disk(String name, int status) throws Exception {
        return disk(name, "31c0 8ec0 8ed8" + "b80102 b90200 ba8000 bb007e cd13 7205" + "a0007e e6f4 ebfe", status);
    }

    private Path disk(String name, String code, int status) throws Exception {
        byte[] image = new byte[1 << 20];
        byte[] bytes = HexFormat.of().parseHex(code.replace(" ", ""));
        System.arraycopy(bytes, 0, image, 0, bytes.length);
        image[SECTOR - 2] = 0x55;
        image[SECTOR - 1] = (byte) 0xAA;
        image[SECTOR] = (byte) status;
        return Files.write(folder.resolve(name), image);
    }

    /** The status that the guest ends with. */
    private int boot(MachineConfig.Builder config) throws Exception {
        Guest guest = guests.start(config);
        int status = guest.awaitEnd(POST).status() >> 1;
        serial = guest.output();
        return status;
    }

    private static DeviceConfig drive(Path image) {
        return DeviceConfig.of(VirtioBlockType.PCI).with(VirtioBlockType.DRIVE,
                TestConfigs.rawDrive(image.getFileName().toString(), image));
    }

    private static DeviceConfig drive(Path image, int bootIndex) {
        return drive(image).with(DeviceType.BOOT_INDEX, bootIndex);
    }

    @Test
    void shouldBootFromAVirtioDiskAndReadItsSectors() throws Exception {
        assertEquals(STATUS, boot(TestConfigs.machine(32).firmware(SEABIOS)
                .device(drive(disk("disk.raw", STATUS)))), () -> serial);
        has(serial, "Booting from Hard Disk");
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(names = {"VDI", "VPC", "VMDK", "VHDX", "QCOW"})
    void shouldBootFromAnImageOfAnotherProgram(ImageFormat format) throws Exception {
        byte[] content = Files.readAllBytes(disk("disk.raw", STATUS));
        Path image = folder.resolve("disk.img");
        DiskImages images = new DiskImages(new FfmSyscalls());
        images.create(image, format, CreateValues.ofSize(content.length));
        ImageOptions options = ImageOptions.WRITABLE.withFormat(format);
        try (DiskImage disk = images.open(image, options)) {
            disk.write(0, MemorySegment.ofArray(content));
        }

        assertEquals(STATUS, boot(TestConfigs.machine(32).firmware(SEABIOS).device(DeviceConfig.of(VirtioBlockType.PCI)
                .with(VirtioBlockType.DRIVE, DriveSpec.ofPath("disk", image, options)))), () -> serial);
    }

    @Test
    void shouldBootFromAnotherKindOfDeviceOnceAndThenAsUsual() throws Exception {
        assertEquals(STATUS + 1, boot(TestConfigs.machine(32).device(drive(disk("disk.raw", STATUS + 1)))
                .firmware(SEABIOS.withItems(List.of(floppyItem()))
                        .withOrder(new FirmwareConfig.Order("c", Optional.of("a"), false)))), () -> serial);
        assertTrue(Pattern.compile("(?s)Booting from Floppy.*Booting from Hard Disk").matcher(serial).find(),
                () -> serial);
    }

    @Test
    void shouldBootTheDiskWithTheLowestNumber() throws Exception {
        assertEquals(STATUS + 1, boot(TestConfigs.machine(32).firmware(SEABIOS).device(drive(disk("a.raw", STATUS), 7))
                .device(drive(disk("b.raw", STATUS + 1), 2))), () -> serial);
    }

    @Test
    void shouldTryNoDiskWithoutANumberIfOrdersAreStrict() throws Exception {
        Path empty = Files.write(folder.resolve("empty.raw"), new byte[1 << 20]);
        String log = post(TestConfigs.machine(128).device(drive(disk("disk.raw", STATUS))).device(drive(empty, 0))
                .firmware(SEABIOS.withOrder(new FirmwareConfig.Order("cad", Optional.empty(), true))));
        assertEquals(1, Pattern.compile("Booting from Hard Disk").matcher(log).results().count(), log);
    }

    /** For a ROM: ends with a status. */
    private static String end(int status) {
        return "b0%02x e6f4 ebfe".formatted(status);
    }

    /** A ROM for a network card with code at its boot entry vector (Plug and Play BIOS 1.0A, section 3). */
    private Path bootRom(String code) throws Exception {
        ByteBuffer rom = ByteBuffer.allocate(SECTOR).order(ByteOrder.LITTLE_ENDIAN);
        rom.putShort(0, (short) 0xAA55).put(2, (byte) 1).put(3, (byte) 0xCB);
        rom.putShort(0x18, (short) 0x1C).putShort(0x1A, (short) 0x40);
        rom.put(0x1C, "PCIR".getBytes(StandardCharsets.US_ASCII)).putInt(0x20, 0x100E8086).putShort(0x26, (short) 0x18)
                .put(0x2B, (byte) 2).putShort(0x2C, (short) 1).put(0x31, (byte) 0x80);
        rom.put(0x40, "$PnP".getBytes(StandardCharsets.US_ASCII)).put(0x44, (byte) 1).put(0x45, (byte) 2)
                .put(0x52, (byte) 2).putShort(0x5A, (short) 0x80);
        rom.put(0x80, HexFormat.of().parseHex(code.replace(" ", "")));
        int sum = 0;
        for (byte value : rom.array()) {
            sum += value;
        }
        rom.put(6, (byte) -sum);
        return Files.write(folder.resolve("boot.rom"), rom.array());
    }

    /** A network card with its ROM, by the ways to have it started before a disk: the order, or a number. */
    static Stream<Arguments> cards() {
        DeviceConfig card = DeviceConfig.of(E1000Type.TYPE);
        return Stream.of(Arguments.of("n", card), Arguments.of("n", card.with(PciPlace.ROM_BAR, 0)),
                Arguments.of("cad", card.with(DeviceType.BOOT_INDEX, 0)));
    }

    @ParameterizedTest
    @MethodSource("cards")
    void shouldStartTheRomOfANetworkCardBeforeADisk(String order, DeviceConfig card) throws Exception {
        assertEquals(STATUS, boot(TestConfigs.machine(32).device(card.with(PciPlace.ROM_FILE, bootRom(end(STATUS))))
                .device(drive(disk("disk.raw", STATUS + 1)))
                .firmware(SEABIOS.withOrder(order(order)))), () -> serial);
    }

    private DeviceConfig card(String romCode) throws Exception {
        return DeviceConfig.of(E1000Type.TYPE).with(PciPlace.ROM_FILE, bootRom(romCode));
    }

    @Test
    void shouldFindTheRomOfANetworkCardAgainAfterAReset() throws Exception {
        assertEquals(STATUS, boot(TestConfigs.machine(32).device(card(RESET_ONCE + end(STATUS)))
                .firmware(SEABIOS.withOrder(order("n")))), () -> serial);
        assertEquals(2, Pattern.compile("Booting from ROM").matcher(serial).results().count(), () -> serial);
    }

    @Test
    void shouldBootWhatTheUserChoosesInTheMenu() throws Exception {
        Guest guest = guests.start(TestConfigs.machine(32).device(card(end(STATUS)))
                .device(drive(disk("disk.raw", STATUS + 1)))
                .firmware(SEABIOS.withBootMenu(OptionalInt.empty())));
        guest.awaitOutput("Press ESC for boot menu", POST);
        guest.type("\u001b");
        guest.awaitOutput("2. ", POST);
        guest.type("2");
        assertEquals(STATUS, guest.awaitEnd(POST).status() >> 1, guest::output);
    }

    private static void has(String log, String text) {
        assertTrue(log.contains(text), () -> "no \"" + text + "\" in:\n" + log);
    }
}
