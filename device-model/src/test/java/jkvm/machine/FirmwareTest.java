package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.function.UnaryOperator;
import jkvm.control.guest.Guest;
import jkvm.device.board.PciPlace;
import jkvm.device.testdev.PciTestdevType;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.FirmwareConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.MachineType;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Machines with a ROM of 64 KiB whose code begins at F000:0000 and reports bytes of memory over COM1. */
@GuestTest
@Timeout(60)
class FirmwareTest {
    private static final int ROM_SIZE = 64 << 10;
    private static final String POWER_OFF = "ba0406 b80020 ef ebfe";
    private static final String RESET = "b0fe e664 ebfe";
    /** One byte of the ROM that is no code, at F000:0200. */
    private static final int MARK_OFFSET = 0x200;
    private static final char MARK = 'm';

    @TempDir
    private Path folder;
    private final Guests guests;

    FirmwareTest(Guests guests) {
        this.guests = guests;
    }

    private String run(String code) throws Exception {
        return run(code, config -> config);
    }

    private String run(String code, UnaryOperator<MachineConfig.Builder> more) throws Exception {
        byte[] rom = new byte[ROM_SIZE];
        byte[] bytes = HexFormat.of().parseHex(code.replace(" ", ""));
        System.arraycopy(bytes, 0, rom, 0, bytes.length);
        byte[] jump = HexFormat.of().parseHex("ea000000f0");
        System.arraycopy(jump, 0, rom, 0xFFF0, jump.length);
        rom[MARK_OFFSET] = MARK;
        MachineConfig.Builder config = Guests.machine(2).firmware(FirmwareConfig.DEFAULT.withRom(
                Files.write(folder.resolve("rom.bin"), rom)));
        Guest guest = guests.build(Guest.builder(more.apply(config).build()).charset(StandardCharsets.ISO_8859_1));
        assertEquals(0, guest.start().awaitEnd().status());
        return guest.output();
    }

    /** Writes a byte of the host bridge's configuration space: {@code mov eax; out 0xCF8; mov al; out 0xCFC + n}. */
    private static String pam(int register, int value) {
        return "66b8 %02x000080 baf80c 66ef b0%02x ba%02x0c ee ".formatted(register & ~3, value, 0xFC + (register & 3));
    }

    /** Writes four bytes of configuration space of slot 2. */
    private static String configure(int register, int value) {
        return "66b8 %02x100080 baf80c 66ef 66b8 %08x bafc0c 66ef ".formatted(register, Integer.reverseBytes(value));
    }

    private static String dataSegment(int segment) {
        return "b8%02x%02x 8ed8 ".formatted(segment & 0xFF, segment >> 8);
    }

    private static String poke(int offset, int value) {
        return "c606 %02x%02x %02x ".formatted(offset & 0xFF, offset >> 8, value);
    }

    private static String report(int offset) {
        return "a0 %02x%02x baf803 ee ".formatted(offset & 0xFF, offset >> 8);
    }

    @ParameterizedTest
    @EnumSource(value = MachineType.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void shouldStartAtTheResetVectorAndSeeTheRomBelow1MiB(MachineType type) throws Exception {
        assertEquals("" + MARK, run(dataSegment(0xF000) + report(MARK_OFFSET) + POWER_OFF,
                config -> config.type(type)));
    }

    @Test
    void shouldKeepTheRomFromBeingWritten() throws Exception {
        assertEquals("" + MARK, run(dataSegment(0xF000) + poke(MARK_OFFSET, 'x') + report(MARK_OFFSET) + POWER_OFF));
    }

    @Test
    void shouldShadowAnAreaAsItsRegisterSays() throws Exception {
        String code = dataSegment(0xC000)
                + poke(0, 'a') + report(0)                              // neither: nothing there
                + pam(0x5A, 0x33) + poke(0, 'b') + report(0)            // both
                + pam(0x5A, 0x31) + poke(0, 'c') + report(0)            // protected
                + pam(0x5A, 0x32) + poke(0, 'd') + report(0)            // writes alone
                + pam(0x5A, 0x31) + report(0)
                + pam(0x5A, 0x30) + report(0) + POWER_OFF;
        assertEquals("\u00ffbb\u00ffd\u00ff", run(code));
    }

    @Test
    @DisplayName("a card's ROM over RAM or over the firmware's shadow hides neither; alone it is seen")
    void shouldSeeMemoryBeforeTheRomOfACard() throws Exception {
        Path rom = Files.write(folder.resolve("card.rom"), new byte[] {0x55, (byte) 0xAA, 1});
        String code = configure(0x04, 2)
                + configure(0x30, 0x10001) + dataSegment(0x1000) + poke(0, 'r') + report(0)
                + configure(0x30, 0xC0001) + dataSegment(0xC000) + report(0)
                + configure(0x30, 0xA0001) + dataSegment(0xA000) + report(0) + POWER_OFF;
        assertEquals("r\u00ffU", run(code, config -> config.device(
                DeviceConfig.of(PciTestdevType.TYPE).with(PciPlace.ADDRESS, 2 << 3).with(PciPlace.ROM_FILE, rom))));
    }

    @Test
    void shouldShowTheRomAgainAfterAReset() throws Exception {
        String code = dataSegment(0xF000) + report(MARK_OFFSET)
                + "b050 e670 e471 3c01 7504" + "eb00 ebXX "              // CMOS byte 0x50 is 1 in the second run
                + "b001 e671 " + pam(0x59, 0x30) + poke(MARK_OFFSET, 'x') + report(MARK_OFFSET) + RESET;
        // The jump to the power-off after the reset, from the end of its own two bytes.
        int jumpEnd = HexFormat.of().parseHex(code.substring(0, code.indexOf("XX")).replace(" ", "")).length + 1;
        int end = HexFormat.of().parseHex(code.replace("XX", "00").replace(" ", "")).length;
        String jump = "%02x".formatted(end - jumpEnd);
        assertEquals("" + MARK + 'x' + MARK, run(code.replace("XX", jump) + POWER_OFF));
    }
}
