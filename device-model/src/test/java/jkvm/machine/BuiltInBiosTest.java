package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.control.guest.Guest;
import jkvm.guest.GuestImages;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.machine.config.BootConfig;
import jkvm.machine.config.MachineConfig;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** The built-in BIOS with boot sectors that lie in memory already. */
@GuestTest
@Timeout(60)
class BuiltInBiosTest {
    private static final String SOURCES = "src/test/guest/bios";
    private static final String IMAGES = "src/test/resources/jkvm/bios";
    private static final int BOOT_SECTOR = 0x7C00;
    private static final int BOOT_VECTOR = 0x19;

    private final Guests guests;

    BuiltInBiosTest(Guests guests) {
        this.guests = guests;
    }

    @TestFactory
    Stream<DynamicTest> shouldBeWhatTheirSourcesMake() {
        return GuestImages.check("device-model", SOURCES, IMAGES);
    }

    private static MachineConfig config(String image) {
        Path file = GuestImages.folder("device-model", IMAGES).resolve(image);
        return Guests.machine(2).loader(new BootConfig.Loader(Optional.of(file), OptionalLong.of(BOOT_SECTOR),
                OptionalInt.empty(), true)).build();
    }

    /** INT 19h of these tests. */
    private static Outcome startBootSector(Call call) {
        call.returnTo(0, BOOT_SECTOR);
        return Outcome.DONE;
    }

    @Test
    void shouldServeABootSectorAndGiveItsRegistersBack() throws Exception {
        Guest guest = guests.build(Guest.builder(config("greet.bin"))
                .biosServices(table -> table.with(BOOT_VECTOR, BuiltInBiosTest::startBootSector)));

        assertEquals(3, guest.start().awaitEnd().status());

        assertEquals("hello from 0:7C00\n", guest.output());
    }

    @Test
    void shouldLetAProgramReplaceAService() throws Exception {
        StringBuilder text = new StringBuilder();
        Guest guest = guests.build(Guest.builder(config("greet.bin")).biosServices(table -> table
                .with(BOOT_VECTOR, BuiltInBiosTest::startBootSector).with(0x10, 0x0E, call -> {
                    text.append((char) call.al());
                    return Outcome.DONE;
                })));

        assertEquals(3, guest.start().awaitEnd().status());

        assertEquals("hello from 0:7C00\n", text.toString());
        assertEquals("", guest.output());
    }

    @Test
    void shouldSayThatThereIsNothingToBootAndStay() throws Exception {
        Guest guest = guests.start(Guests.machine(2));

        guest.awaitOutput("No bootable device.");

        assertEquals(MachineState.RUNNING, guest.machine().state());
    }
}
