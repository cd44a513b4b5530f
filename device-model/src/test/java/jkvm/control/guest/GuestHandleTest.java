package jkvm.control.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import jkvm.abi.KvmRegs;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.machine.MachineEvent;
import jkvm.machine.MachineState;
import jkvm.machine.config.MachineConfig;
import jkvm.memory.GuestAddressException;
import jkvm.vm.VcpuExit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Guests of a few bytes of real-mode code at 0x1000, as a program has them. */
@GuestTest
@Timeout(60)
class GuestHandleTest {
    private static final Duration SHORT = Duration.ofMillis(50);
    /** Echoes what it reads from the serial port, and ends with status V*2+1 at a V. */
    private static final String ECHO = "ba fd 03 ec a8 01 74 f8 ba f8 03 ec ee 3c 56 75 ef e6 f4 eb fe";
    /** Writes A again and again, with 0x1234 in BX. */
    private static final String CHATTER = "bb 34 12 b0 41 ba f8 03 ee eb fd";
    private static final String SPIN = "eb fe";

    private final Guests guests;

    GuestHandleTest(Guests guests) {
        this.guests = guests;
    }

    @Test
    void shouldTypeAndWaitForOutputPieceByPieceUntilTheGuestEnds() {
        Guest guest = guests.code(ECHO);
        guest.start().type("login: root\n");
        assertEquals("login:", guest.awaitOutput("login:"));
        assertEquals(" ro", guest.awaitOutput("o"), "after what came before");
        guest.type("größe 42 €!");
        assertEquals("42", guest.awaitOutput(Pattern.compile("größe (\\d+) €!")).group(1));
        guest.type("V");
        assertEquals('V' << 1 & 0xFF | 1, guest.awaitEnd().status() & 0xFF);
        assertEquals("login: root\ngröße 42 €!V", guest.output());
        assertEquals(guest.output(), guest.output("serial0"));
        assertEquals(MachineState.SHUT_DOWN, guest.state());
    }

    @Test
    void shouldShowRegistersAndOutputWhenTheGuestDoesNotWriteWhatIsWaitedFor() {
        Guest guest = guests.code(CHATTER);
        guest.start().awaitOutput("AAA");
        GuestWaitException e = assertThrows(GuestWaitException.class, () -> guest.awaitOutput("B", SHORT));
        assertEquals(GuestWaitException.Reason.TIMED_OUT, e.reason());
        assertTrue(e.getMessage().startsWith("the guest has not written within 50 ms: B\nthe guest is RUNNING\n"),
                e.getMessage());
        assertTrue(e.getMessage().contains("EBX=00001234"), e.getMessage());
        assertTrue(e.getMessage().contains("IO out"), e.getMessage());
        assertTrue(e.getMessage().contains("serial0, "), e.getMessage());
        assertTrue(e.getMessage().stripTrailing().endsWith("AAA"), e.getMessage());
        assertEquals(MachineState.RUNNING, guest.state());
    }

    @Test
    void shouldSayThatTheGuestWasNotStarted() {
        GuestWaitException e = assertThrows(GuestWaitException.class,
                () -> guests.code(CHATTER).awaitOutput("A", SHORT));
        assertTrue(e.getMessage().startsWith("start() was not called within 50 ms: A\nthe guest is CREATED\n"),
                e.getMessage());
    }

    @Test
    void shouldNotWaitForTheOutputOfAGuestThatHasEnded() {
        Guest guest = guests.code("b0 41 ba f8 03 ee b0 03 e6 f4" + SPIN);
        guest.start();
        GuestWaitException e = assertThrows(GuestWaitException.class, () -> guest.awaitOutput("B"));
        assertEquals(GuestWaitException.Reason.GUEST_ENDED, e.reason());
        assertTrue(e.getMessage().contains("the guest is SHUT_DOWN, with status 7\n"), e.getMessage());
        assertTrue(e.getMessage().contains("serial0, all output:\nA\n"), e.getMessage());
    }

    @Test
    void shouldEndWaitingWhenTheGuestDoesNotEnd() {
        Guest guest = guests.code(SPIN);
        GuestWaitException e = assertThrows(GuestWaitException.class, () -> guest.start().awaitEnd(SHORT));
        assertTrue(e.getMessage().contains("EIP=00001000"), e.getMessage());
        assertTrue(e.getMessage().contains("serial0: no output"), e.getMessage());
        assertEquals(0, guest.quit().status());
        assertThrows(IllegalStateException.class, guest::start);
    }

    @Test
    void shouldReadAndWriteRegistersAndMemoryAtAnyTime() {
        Guest guest = guests.code("3d 78 56 75 fb 89 d8 e6 f4" + SPIN);       // until AX is 0x5678; exit with BX
        guest.write(0x8000, (byte) 1, (byte) 2);
        guest.startPaused();
        assertEquals(0x1000, guest.registers(0).rip());
        assertEquals(0, guest.systemRegisters(0).cr0() & 1);
        assertArrayEquals(new byte[] {1, 2, 0}, guest.read(0x8000, 3));
        assertThrows(GuestAddressException.class, () -> guest.read((2 << 20) - 1, 2));
        guest.resume();
        KvmRegs registers = guest.registers(0);
        assertEquals(MachineState.RUNNING, guest.state());
        registers.rax(0x5678);
        registers.rbx(4);
        registers.rip(0x1000);
        guest.registers(0, registers);
        assertEquals(9, guest.awaitEnd().status());
        assertEquals(4, guest.registers(0).rbx());
        guest.write(0x8000, (byte) 3);
        assertEquals(3, guest.read(0x8000, 1)[0]);
    }

    @Test
    void shouldTellExitsAndEvents() {
        List<VcpuExit> exits = new CopyOnWriteArrayList<>();
        List<MachineEvent.Type> events = new CopyOnWriteArrayList<>();
        Guest guest = guests.code("b0 41 ba f8 03 ee b0 03 e6 f4" + SPIN);
        guest.onExit((vcpu, exit) -> exits.add(exit)).onEvent(event -> events.add(event.type())).start();
        guest.awaitEnd();
        assertEquals(List.of(new VcpuExit.Io(true, 0x3f8, 1, 1, List.of((byte) 'A')),
                new VcpuExit.Io(true, 0xf4, 1, 1, List.of((byte) 3))),
                exits.stream().filter(VcpuExit.Io.class::isInstance).toList());
        assertEquals(List.of(MachineEvent.Type.SHUTDOWN), events);
        assertEquals(List.of(0xf4L, 0x3f8L), guest.exits().stream().filter(exit -> exit.exit().equals("IO out"))
                .map(exit -> exit.place()).sorted().toList());
    }

    @Test
    void shouldPressKeysAsFastAsTheGuestFetchesThem() {
        StringBuilder codes = new StringBuilder();
        // Writes each scan code to port 0x80, until the return key is let go.
        Guest guest = guests.code("e4 64 a8 01 74 fa e4 60 e6 80 3c 9c 75 f2 e6 f4" + SPIN);
        guest.onExit((vcpu, exit) -> {
            if (exit instanceof VcpuExit.Io io && io.port() == 0x80) {
                codes.append("%02x".formatted(io.data().getFirst()));
            }
        });
        guest.start().press("a", "shift-b", "up", "1", "2", "3", "4", "5", "ret");
        guest.awaitEnd();
        assertEquals("1e9e 2a30b0aa e048e0c8 0282 0383 0484 0585 0686 1c9c".replace(" ", ""), codes.toString());
        assertThrows(IllegalArgumentException.class, () -> guest.press("nonsense"));
    }

    @Test
    void shouldPauseResumeAndReset() {
        Guest guest = guests.code("b0 53 ba f8 03 ee" + CHATTER);
        guest.start().awaitOutput("SAA");
        guest.pause();
        int written = guest.output().length();
        assertThrows(GuestWaitException.class, () -> guest.awaitOutput("S", SHORT));
        assertEquals(written, guest.output().length());
        guest.reset();
        guest.resume();
        assertEquals("SA", guest.awaitOutput(Pattern.compile("SA")).group());
    }

    @Test
    void shouldKeepTheLastOutputOfAGuestThatWritesWithoutEnd() {
        GuestConsole console = new GuestConsole("c", StandardCharsets.UTF_8, null);
        byte[] line = "0123456789\n".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 3 * GuestConsole.KEPT_CHARACTERS; i++) {
            console.transmit(line[i % line.length]);
        }
        String kept = console.output();
        assertTrue(kept.length() >= GuestConsole.KEPT_CHARACTERS && kept.length() <= 2 * GuestConsole.KEPT_CHARACTERS);
        assertEquals(line[(3 * GuestConsole.KEPT_CHARACTERS - 1) % line.length], kept.charAt(kept.length() - 1));
    }

    @Test
    void shouldSayWhatAMachineWithoutAConsoleLacks() {
        Guest guest = guests.build(MachineConfig.builder().memory(1 << 20).entry(0x1000).build());
        assertThrows(IllegalStateException.class, guest::output);
        assertTrue(guest.report().startsWith("the guest is CREATED\n"), guest.report());
    }
}
