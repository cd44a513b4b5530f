package jkvm.machine;

import static jkvm.machine.MachineRun.done;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.control.guest.Guest;
import jkvm.guest.GuestImages;
import jkvm.host.input.InputEvent;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.machine.config.BootConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.snapshot.MachineSnapshot;
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

    private static final Pattern LINE = Pattern.compile("(.*)\r\n");

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
        call.flags(call.flags() | Call.INTERRUPT_BIT);
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

    /** A guest that takes commands, at its prompt. */
    private Guest console() {
        Guest guest = guests.build(Guest.builder(config("console.bin"))
                .biosServices(table -> table.with(BOOT_VECTOR, BuiltInBiosTest::startBootSector)));
        guest.start().awaitOutput(">");
        return guest;
    }

    /** What a command prints. */
    private static String ask(Guest guest, String command) {
        guest.type(command);
        return guest.awaitOutput(LINE).group(1);
    }

    @Test
    void shouldServeBootSectorsThatAskForTimeMemoryAndPci() {
        Guest guest = console();

        assertEquals("ticks", ask(guest, "t"));
        assertEquals("masked", ask(guest, "m"));
        assertEquals("00000000 0009fc00 00000001 00000014 ", ask(guest, "e"));
        assertEquals("0009fc00 00000400 00000002 00000014 ", guest.awaitOutput(LINE).group(1));
        assertEquals("000f0000 00010000 00000002 00000014 ", guest.awaitOutput(LINE).group(1));
        assertEquals("00100000 00100000 00000001 00000014 ", guest.awaitOutput(LINE).group(1));
        assertEquals("feffc000 00004000 00000002 00000014 ", guest.awaitOutput(LINE).group(1));
        assertEquals("20494350 12378086 ", ask(guest, "p"));
        assertEquals(LocalDate.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("yyyyMMdd")) + " ",
                ask(guest, "d"));
    }

    @Test
    void shouldLetProgramsChangeAScanCodeOnItsWay() {
        Guest guest = console();
        guest.type("k");
        guest.awaitOutput("press ");

        guest.press("a");

        guest.awaitOutput("00003062");
    }

    @Test
    void shouldCallAProgramsHandlerForEachPacketOfTheMouse() {
        Guest guest = console();
        guest.type("c");
        guest.awaitOutput("move ");

        guest.machine().input().send(new InputEvent.Relative(5, 3));

        assertEquals("00000028 000500fd ", guest.awaitOutput(LINE).group(1), "status; X and Y, which goes up");
        assertEquals("ticks", ask(guest, "t"));
    }

    /** A frame across the end of its segment, a buffer over the ROM, calls without a frame. */
    @Test
    void shouldSurviveCallsWithABrokenStackAndBuffersOverTheRom() {
        Guest guest = console();

        assertEquals("0000027f ", ask(guest, "s"));
        assertEquals("rom", ask(guest, "r"));
        assertEquals("ffffffff ", ask(guest, "o"));
        assertEquals("ticks", ask(guest, "t"));
    }

    @Test
    void shouldGoOnInAnotherMachineThatWasSavedWhileItWaitedForAKey() throws Exception {
        MachineSnapshot snapshot = done(console().machine().save());
        Guest other = guests.build(Guest.builder(config("console.bin")));
        CompletableFuture<Void> loaded = other.machine().load(snapshot);
        other.start();
        done(loaded);

        assertEquals("waits waited", ask(other, "w"));
        other.type("x");
        assertEquals(3, other.awaitEnd().status());
    }

    @Test
    void shouldStartAnewAfterAReset() {
        Guest guest = console();
        assertEquals("ticks", ask(guest, "t"));

        guest.reset();

        guest.awaitOutput(">");
        assertEquals("ticks", ask(guest, "t"));
    }

    @Test
    void shouldGoOnInAnotherMachineThatWasSavedDuringAWait() throws Exception {
        Guest guest = console();
        guest.type("w");
        guest.awaitOutput("waits ");
        MachineSnapshot snapshot = done(guest.machine().save());
        Guest other = guests.build(Guest.builder(config("console.bin")));
        CompletableFuture<Void> loaded = other.machine().load(snapshot);
        other.start();
        done(loaded);

        other.awaitOutput("waited");
    }
}
