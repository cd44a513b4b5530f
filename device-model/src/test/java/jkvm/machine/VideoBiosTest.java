package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.control.guest.Guest;
import jkvm.device.vga.VgaType;
import jkvm.guest.GuestImages;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.machine.config.BootConfig;
import jkvm.machine.config.DeviceConfig;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** INT 10h of the VGA's ROM under the built-in BIOS, beside SeaVGABIOS. */
@GuestTest
@Timeout(60)
class VideoBiosTest {
    private static final String SOURCES = "src/test/guest/video";
    private static final String IMAGES = "src/test/resources/jkvm/video";
    private static final int BOOT_SECTOR = 0x7C00;
    private static final int BOOT_VECTOR = 0x19;
    /** The parts of what the guest writes after each mode's number, and their bytes. */
    private static final List<Part> PARTS = List.of(new Part("data 40:49", 30), new Part("data 40:84", 7),
            new Part("miscellaneous", 1), new Part("sequencer", 5), new Part("crtc", 25), new Part("graphics", 9),
            new Part("attributes", 21), new Part("colours", 768), new Part("state", 64));

    private final Guests guests;

    VideoBiosTest(Guests guests) {
        this.guests = guests;
    }

    @TestFactory
    Stream<DynamicTest> shouldBeWhatTheirSourcesMake() {
        return GuestImages.check("device-model", SOURCES, IMAGES);
    }

    @Test
    void shouldSetEachModeAsSeaVgaBiosButForWhatItDoesUnlikeIbms() throws Exception {
        Path file = GuestImages.folder("device-model", IMAGES).resolve("modes.bin");
        Guest guest = guests.build(Guest.builder(Guests.machine(2).device(DeviceConfig.of(VgaType.TYPE))
                .loader(new BootConfig.Loader(Optional.of(file), OptionalLong.of(BOOT_SECTOR), OptionalInt.empty(),
                        true)).build()).biosServices(table -> table.with(BOOT_VECTOR, VideoBiosTest::startBootSector)));
        Map<String, String> expected = table("seavgabios.txt");
        Map<String, String> differences = table("differences.txt");
        differences.forEach((name, value) -> assertNotEquals(expected.put(name, value), value, name));

        guest.start().awaitEnd();

        assertEquals(lines(expected), lines(states(guest.output())));
        // The last mode's font, where INT 43h and the save pointers say that the ROM is.
        assertEquals("55 aa", HexFormat.ofDelimiter(" ").formatHex(guest.read(0xC0000, 2)));
        assertEquals(0x7E, guest.read(0xC2600 + 'A' * 16 + 8, 1)[0], "the bar of A");
    }

    private record Part(String name, int bytes) {
    }

    /** INT 19h of this test. */
    private static Outcome startBootSector(Call call) {
        call.returnTo(0, BOOT_SECTOR);
        return Outcome.DONE;
    }

    private static String lines(Map<String, String> table) {
        StringBuilder lines = new StringBuilder();
        table.forEach((name, value) -> lines.append(name).append(" = ").append(value).append('\n'));
        return lines.toString();
    }

    private static Map<String, String> table(String resource) throws IOException {
        Map<String, String> table = new LinkedHashMap<>();
        try (InputStream in = VideoBiosTest.class.getResourceAsStream("/jkvm/video/" + resource)) {
            new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines()
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .forEach(line -> table.put(line.split(" = ")[0], line.split(" = ")[1]));
        }
        return table;
    }

    private static Map<String, String> states(String output) {
        Map<String, String> states = new LinkedHashMap<>();
        int at = 0;
        while (at < output.length()) {
            String mode = output.substring(at, at + 2);
            at += 2;
            for (Part part : PARTS) {
                String digits = output.substring(at, at + 2 * part.bytes());
                states.put(mode + " " + part.name(), part.name().equals("colours") ? sum(digits) : digits);
                at += digits.length();
            }
        }
        return states;
    }

    private static String sum(String digits) {
        CRC32 sum = new CRC32();
        sum.update(HexFormat.of().parseHex(digits));
        return "%08X".formatted(sum.getValue()).toUpperCase(Locale.ROOT);
    }
}
