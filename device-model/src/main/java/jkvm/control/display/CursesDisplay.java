package jkvm.control.display;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jkvm.host.display.Rectangle;
import jkvm.host.display.Viewer;
import jkvm.host.input.InputSource;
import jkvm.host.input.Key;
import jkvm.linux.Fd;
import jkvm.linux.FdStream;
import jkvm.linux.Terminal;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * Draws the guest's text modes in a terminal and makes its keyboard the guest's ({@code -display curses}). Ctrl-A x
 * ends the machine, Ctrl-A d presses Ctrl-Alt-Delete, Ctrl-A p the power button, Ctrl-A r resets, Ctrl-A l draws all
 * anew, Ctrl-A Ctrl-A is Ctrl-A itself. {@link #close} leaves the terminal as it was.
 */
public final class CursesDisplay implements Viewer, AutoCloseable {
    private static final String BEGIN = "\u001B[?1049h\u001B[?25l";
    private static final String END = "\u001B[0m\u001B[?25h\u001B[?1049l";
    private static final int PREFIX = 1;
    private static final int CONTROL_LETTERS = 0x60;
    private static final int SIZE_CHECK_MILLIS = 250;
    private static final Terminal.Size USUAL_SIZE = new Terminal.Size(25, 80);

    private final GuestScreen screen;
    private final Fd in;
    private final Fd out;
    private final FdStream keyboard;
    private final FdStream output;
    private final Terminal terminal;
    private final InputSource input;
    private final TextPainter painter;
    private final Workers workers = Workers.onThreads();
    /** Used by the thread that reads keys. */
    private final byte[] keys = new byte[FdStream.MAX_TRANSFER];
    private boolean isPrefixed;
    /** Guarded by this, as the rest. */
    private int width;
    private int height;
    private boolean isDue = true;
    private boolean isStale;

    /**
     * Takes the terminal.
     *
     * @param in         the terminal's input
     * @param out        the terminal's output
     * @param terminal   the same, in raw mode; {@link #close} closes it
     * @param trueColour true if the terminal takes colours of 24 bits
     */
    public CursesDisplay(GuestScreen screen, Fd in, Fd out, Terminal terminal, boolean trueColour) {
        this.screen = screen;
        this.in = in;
        this.out = out;
        keyboard = new FdStream(in, out);
        output = new FdStream(in, out);
        this.terminal = terminal;
        input = screen.input().newSource();
        painter = new TextPainter(trueColour);
        write(output, BEGIN);
        screen.display().attach(this);
        Worker _ = workers.waiting("curses", this::draw, this::unblock);
        Worker _ = workers.waiting("curses keys", this::readKeys, keyboard::interrupt);
    }

    @Override
    public synchronized void resized(int newWidth, int newHeight) {
        width = newWidth;
        height = newHeight;
    }

    @Override
    public void changed(Rectangle part) {
        // The characters tell more than the pixels do.
    }

    @Override
    public synchronized void complete() {
        isDue = true;
        notifyAll();
    }

    private void unblock() {
        complete();
        output.interrupt();
    }

    /** Draws after a change, and looks now and then whether the window has another size. */
    private void draw() {
        int pictureWidth;
        int pictureHeight;
        synchronized (this) {
            try {
                long left = TimeUnit.MILLISECONDS.toNanos(SIZE_CHECK_MILLIS);
                long end = System.nanoTime() + left;
                while (!isDue && left > 0) {
                    TimeUnit.NANOSECONDS.timedWait(this, left);
                    left = end - System.nanoTime();
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return;
            }
            isDue = false;
            if (isStale) {
                isStale = false;
                painter.forget();
            }
            pictureWidth = width;
            pictureHeight = height;
        }
        Terminal.Size size = output.windowSize().orElse(USUAL_SIZE);
        write(output, painter.paint(screen.display().text(), pictureWidth, pictureHeight, size));
    }

    private static void write(FdStream stream, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int done = 0;
        while (done < bytes.length) {
            int count = stream.write(bytes, done, Math.min(bytes.length - done, FdStream.MAX_TRANSFER));
            if (count <= 0) {
                return;
            }
            done += count;
        }
    }

    private void readKeys() {
        int count = keyboard.read(keys, keys.length);
        if (count == 0) {
            // The end of the input, which stays; or of this display.
            keyboard.pause(SIZE_CHECK_MILLIS);
        }
        int from = 0;
        for (int i = 0; i < count; i++) {
            if (isPrefixed) {
                isPrefixed = false;
                command(keys[i]);
                from = i + 1;
            } else if (keys[i] == PREFIX) {
                press(from, i);
                isPrefixed = true;
                from = i + 1;
            }
        }
        press(from, count);
    }

    private void press(int from, int end) {
        if (from < end) {
            byte[] part = Arrays.copyOfRange(keys, from, end);
            TerminalKeys.chords(part, part.length).forEach(this::press);
        }
    }

    private void press(List<Key> chord) {
        chord.forEach(key -> input.key(key, true));
        chord.reversed().forEach(key -> input.key(key, false));
    }

    private synchronized void redraw() {
        isStale = true;
        complete();
    }

    private void command(byte letter) {
        switch (letter | CONTROL_LETTERS) {
            case 'x' -> screen.power().quit();
            case 'd' -> press(Key.chord("ctrl-alt-delete"));
            case 'p' -> screen.power().pressPower();
            case 'r' -> screen.power().reset();
            case 'l' -> redraw();
            case 'a' -> press(List.of(Key.CTRL, Key.A));
            default -> {
                // No command.
            }
        }
    }

    @Override
    public void close() {
        screen.display().detach(this);
        workers.close();
        input.close();
        keyboard.close();
        output.close();
        try (FdStream last = new FdStream(in, out)) {
            write(last, END);
        }
        terminal.close();
    }
}
