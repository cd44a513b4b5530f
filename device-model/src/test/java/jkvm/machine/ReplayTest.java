package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import jkvm.machine.config.CountingConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerator;
import jkvm.work.InputLogException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A guest whose inputs were recorded does the same again without them, in each bit. */
@Timeout(60)
class ReplayTest {
    private static final Path GUESTS = GuestImages.folder("device-model", "src/test/resources/jkvm/multiboot");
    private static final String TYPED = "Tell me when, and I tell you what it was.";
    private static final int PASSED = 1;

    @TempDir
    private Path folder;
    private Path file;

    @BeforeEach
    void nameTheLog() {
        file = folder.resolve("log");
    }

    private static MachineConfig guest(String name, boolean sleeps, CountingConfig.Log log) {
        return TestConfigs.machine(16).counting(new CountingConfig(2, sleeps, false, log))
                .accelerators(List.of(Accelerator.Kind.SOFT)).kernel(GUESTS.resolve(name)).build();
    }

    private CountedRun record(String name, boolean sleeps, Consumer<CountedRun.Control> user) {
        return CountedRun.of(guest(name, sleeps, new CountingConfig.Recording(file)), control ->
                Thread.ofPlatform().daemon().start(() -> user.accept(control)));
    }

    private CountedRun replay(String name, boolean sleeps) {
        return CountedRun.of(guest(name, sleeps, new CountingConfig.Replay(file)));
    }

    private static void awaitReady(CountedRun.Control control) {
        while (!control.serial().text().contains("ready")) {
            Thread.onSpinWait();
        }
    }

    /** Types at moments that no other run has. */
    private static void type(CountedRun.Control control) {
        awaitReady(control);
        Random pauses = new Random();
        for (char each : (TYPED + "q").toCharArray()) {
            LockSupport.parkNanos(pauses.nextInt(5_000_000));
            control.serial().send(String.valueOf(each));
        }
    }

    @Test
    void shouldTakeEachByteAtTheMomentOfTheRecording() throws IOException {
        for (boolean sleeps : new boolean[] {true, false}) {
            CountedRun first = record("typed.bin", sleeps, ReplayTest::type);
            CountedRun other = record("typed.bin", sleeps, ReplayTest::type);
            CountedRun again = replay("typed.bin", sleeps);

            assertEquals(PASSED, other.status(), other.serial());
            assertNotEquals(first.memory(), other.memory(), "the guest's memory depends on when input came");
            assertEquals(other, again);
            assertTrue(Files.readString(file).lines().anyMatch(line -> line.matches("\\d+ \\d+ serial0.data 54.*")),
                    Files.readString(file));
        }
    }

    @Test
    void shouldPressThePowerButtonAgain() {
        CountedRun recorded = record("power-button.bin", true, control -> {
            awaitReady(control);
            control.machine().powerButton().join();
        });

        assertEquals(recorded, replay("power-button.bin", true));
        assertTrue(recorded.serial().contains("PASS the power button was pressed"), recorded.serial());
    }

    @Test
    void shouldResetAndEndWhereTheUserDid() throws IOException {
        CountedRun recorded = record("typed.bin", true, control -> {
            awaitReady(control);
            control.serial().send("abc");
            LockSupport.parkNanos(3_000_000);
            control.machine().reset().join();
            LockSupport.parkNanos(3_000_000);
            control.machine().quit();
        });

        assertEquals(recorded, replay("typed.bin", true));
        assertTrue(Files.readString(file).contains(" machine.reset "), Files.readString(file));
    }

    @Test
    void shouldRecordTheButtonAndInterruptsOfAPausedMachineWhenItResumes() throws IOException {
        CountedRun recorded = record("typed.bin", true, control -> {
            awaitReady(control);
            control.machine().pause().join();
            control.machine().powerButton().orTimeout(10, TimeUnit.SECONDS).join();
            control.machine().injectNmi().orTimeout(10, TimeUnit.SECONDS).join();
            // The guest ends at the interrupt.
            control.machine().resume();
        });

        String log = Files.readString(file);
        assertTrue(log.contains(" machine.power-button ") && log.contains(" machine.nmi "), log);
        assertEquals(recorded, replay("typed.bin", true));
    }

    @Test
    void shouldTakeNoInputButTheRecordings() {
        CountedRun recorded = record("typed.bin", true, ReplayTest::type);
        List<Throwable> refusals = new ArrayList<>();

        CountedRun again = CountedRun.of(guest("typed.bin", true, new CountingConfig.Replay(file)), control -> {
            control.serial().send("zzzq");
            Machine machine = control.machine();
            Stream.of(machine.powerButton(), machine.reset(), machine.injectNmi()).forEach(asked ->
                    asked.exceptionally(e -> {
                        refusals.add(e);
                        return null;
                    }));
        });

        assertEquals(recorded, again);
        assertEquals(3, refusals.size());
    }

    @Test
    void shouldReplayTheLogOfAProcessThatWasKilled() throws IOException {
        CountedRun recorded = record("typed.bin", true, ReplayTest::type);
        String whole = Files.readString(file);
        // Without the end, and in the middle of a line.
        Files.writeString(file, whole.substring(0, whole.lastIndexOf('\n', whole.length() - 2) + 5));

        assertEquals(recorded, replay("typed.bin", true));
    }

    @Test
    void shouldRefuseLogsThatAreNoneOrOfAnotherMachine() throws IOException {
        record("typed.bin", true, control -> {
            awaitReady(control);
            control.machine().quit();
        });
        String log = Files.readString(file);

        assertEquals(InputLogException.Kind.OTHER_MACHINE, refusal("busy.bin", log));
        assertEquals(InputLogException.Kind.NO_LOG, refusal("typed.bin", "#!/bin/sh\n"));
        assertEquals(InputLogException.Kind.NO_LOG, refusal("typed.bin", ""));
        for (String line : List.of("", "1", "x 1 c ", "-1 0 c ", "1 2 c 0", "1 2 c 0g", "2 2  00", "9 9 c 00 ",
                "= fact")) {
            assertEquals(InputLogException.Kind.DAMAGED, refusal("typed.bin", log + line + "\n"), line);
        }
        Files.delete(file);
        // Endless, and no log.
        Files.createSymbolicLink(file, Path.of("/dev/zero"));
        assertEquals(InputLogException.Kind.NO_LOG, assertThrows(InputLogException.class, () ->
                replay("typed.bin", true)).kind());
        Files.delete(file);
        assertEquals(InputLogException.Kind.CANNOT_OPEN, assertThrows(InputLogException.class, () ->
                replay("typed.bin", true)).kind());
    }

    private InputLogException.Kind refusal(String guest, String log) throws IOException {
        Files.writeString(file, log);
        return assertThrows(InputLogException.class, () -> replay(guest, true)).kind();
    }

    @Test
    void shouldSayWhereARunDiffersFromItsRecording() throws IOException {
        record("typed.bin", true, ReplayTest::type);
        String log = Files.readString(file);
        String line = log.lines().filter(each -> each.contains("serial0.data")).findFirst().orElseThrow();
        long count = Long.parseLong(line.substring(0, line.indexOf(' ')));
        Files.writeString(file, log.replace(line, count - 1 + line.substring(line.indexOf(' '))));

        assertEquals(1, replay("typed.bin", true).status());
    }
}
