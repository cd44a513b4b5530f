package jkvm.control.display;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import jkvm.host.display.DisplayHub;
import jkvm.host.display.Picture;
import jkvm.host.display.Screen;
import jkvm.host.display.TextScreen;
import jkvm.host.input.InputEvent;
import jkvm.host.input.InputHub;
import jkvm.host.input.Key;
import jkvm.host.input.KeyboardSink;
import jkvm.host.input.PointerSink;
import jkvm.work.FakeClock;

/** A screen of one colour or of text, and a keyboard and pointer that write down what comes. */
final class ScreenFixture implements Screen, KeyboardSink, PointerSink, PowerSwitch, AutoCloseable {
    private final DisplayHub hub = new DisplayHub("test", this);
    private final FakeClock clock = new FakeClock();
    private final InputHub input = new InputHub(clock, null);
    final BlockingQueue<InputEvent> events = new LinkedBlockingQueue<>();
    final List<String> switches = new CopyOnWriteArrayList<>();
    volatile int width = 100;
    volatile int height = 50;
    volatile int colour = 0x123456;
    volatile TextScreen text;

    ScreenFixture() {
        input.add((KeyboardSink) this);
        input.add((PointerSink) this);
    }

    GuestScreen screen() {
        return new GuestScreen(hub, input, this, "test");
    }

    /** Text of white on black, and a blinking cursor after its last character. */
    void show(String... lines) {
        short[] cells = new short[80 * 25];
        Arrays.fill(cells, (short) 0x0720);
        for (int row = 0; row < lines.length; row++) {
            for (int column = 0; column < lines[row].length(); column++) {
                cells[row * 80 + column] = (short) (0x0700 | lines[row].charAt(column));
            }
        }
        int[] colours = new int[16];
        colours[7] = 0xAAAAAA;
        colours[1] = 0x0000AA;
        int end = (lines.length - 1) * 80 + lines[lines.length - 1].length();
        text = new TextScreen(80, 25, cells, end, true, colours);
        colour++;
    }

    /** The next event, after the guest has had time to take it. */
    InputEvent nextEvent() throws InterruptedException {
        for (int i = 0; i < 100 && events.isEmpty(); i++) {
            clock.advance(Duration.ofMillis(10));
            TimeUnit.MILLISECONDS.sleep(10);
        }
        return events.poll();
    }

    @Override
    public boolean render(Picture into) {
        into.resize(width, height);
        if (into.pixels()[0] != colour) {
            Arrays.fill(into.pixels(), colour);
            into.change(0, 0, width, height);
        }
        return into.isResized() || into.changeCount() > 0;
    }

    @Override
    public Optional<TextScreen> text() {
        return Optional.ofNullable(text);
    }

    @Override
    public String name() {
        return "fixture";
    }

    @Override
    public boolean stroke(Key key, boolean isDown) {
        return events.add(new InputEvent.Stroke(key, isDown));
    }

    @Override
    public int leds() {
        return 0;
    }

    @Override
    public boolean isAbsolute() {
        return true;
    }

    @Override
    public boolean take(InputEvent.Pointer event) {
        return events.add(event);
    }

    @Override
    public void pressPower() {
        switches.add("power");
    }

    @Override
    public void reset() {
        switches.add("reset");
    }

    @Override
    public void quit() {
        switches.add("quit");
    }

    @Override
    public void close() {
        hub.close();
    }
}
