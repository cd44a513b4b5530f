package jkvm.control.display;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import jkvm.host.input.InputEvent;
import jkvm.host.input.Key;
import jkvm.linux.Fd;
import jkvm.linux.FdStream;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Pty;
import jkvm.linux.Syscalls;
import jkvm.linux.Terminal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The screen in a terminal, by what a pseudo-terminal gets and sends. */
@Timeout(30)
class CursesDisplayTest {
    private static final String ESCAPE = "\u001B[";

    private final Syscalls syscalls = new FfmSyscalls();
    private final ScreenFixture guest = new ScreenFixture();
    private final Pty pty = Pty.open(syscalls);
    private final FdStream user = new FdStream(pty.fd(), pty.fd());
    private final Fd tty = Fd.open(syscalls, pty.path(), Fd.O_RDWR);
    private final StringBuilder seen = new StringBuilder();
    private CursesDisplay curses;

    @BeforeEach
    void open() {
        guest.show("Hello");
        curses = new CursesDisplay(guest.screen(), tty, tty, Terminal.makeRaw(tty, false).orElseThrow(), true);
    }

    @AfterEach
    void close() {
        guest.close();
        tty.close();
        user.close();
        pty.close();
    }

    @Test
    void shouldDrawTheTextInItsColoursAndLeaveTheTerminalAsItWas() {
        await(ESCAPE + "1;6H");
        assertTrue(seen.toString().contains("38;2;170;170;170"), seen.toString());
        assertTrue(seen.toString().contains("mHello"), seen.toString());

        guest.show("Hellx");
        await("x");

        curses.close();
        await(ESCAPE + "?1049l");
    }

    @Test
    void shouldDrawOnlyWhatHasChanged() {
        await(ESCAPE + "1;6H");
        seen.setLength(0);

        guest.show("Hallo");

        await(ESCAPE + "1;6H");
        assertEquals(ESCAPE + "1;2Ha" + ESCAPE + "1;6H", seen.toString());
        curses.close();
    }

    @Test
    void shouldSayThatTheGuestIsInAGraphicsMode() {
        guest.text = null;
        guest.colour++;

        await("Graphics mode, 100x50");
        curses.close();
    }

    @Test
    void shouldPressTheKeysOfTheTerminal() throws Exception {
        type("a\u001B[A");

        assertEquals(new InputEvent.Stroke(Key.A, true), guest.nextEvent());
        assertEquals(new InputEvent.Stroke(Key.A, false), guest.nextEvent());
        assertEquals(new InputEvent.Stroke(Key.UP, true), guest.nextEvent());
        curses.close();
    }

    @Test
    void shouldTakeCommandsAfterControlA() throws Exception {
        type("\u0001p\u0001r\u0001x");
        type("\u0001\u0001");

        assertEquals(new InputEvent.Stroke(Key.CTRL, true), guest.nextEvent());
        assertEquals(List.of("power", "reset", "quit"), guest.switches);
        curses.close();
    }

    private void type(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        assertEquals(bytes.length, user.write(bytes, 0, bytes.length));
    }

    private void await(String text) {
        byte[] bytes = new byte[FdStream.MAX_TRANSFER];
        while (seen.indexOf(text) < 0) {
            seen.append(new String(bytes, 0, user.read(bytes, bytes.length), StandardCharsets.UTF_8));
        }
    }
}
