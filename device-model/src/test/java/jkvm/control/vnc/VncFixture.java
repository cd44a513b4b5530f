package jkvm.control.vnc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
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

/** A server with a screen that a test paints, and a keyboard and a mouse that write down what they get. */
final class VncFixture implements AutoCloseable {
    final FakeClock clock = new FakeClock();
    final InputHub input = new InputHub(clock, null);
    final Painted screen = new Painted();
    final DisplayHub display = new DisplayHub("vga", screen);
    final List<VncEvent.Type> events = Collections.synchronizedList(new ArrayList<>());
    final List<InputEvent> typed = Collections.synchronizedList(new ArrayList<>());
    final InputHub.Plug keyboard = input.add(new Keyboard());
    final VncServer server;
    volatile int lights;

    VncFixture() {
        this(config(Optional.empty(), VncConfig.Share.ALLOW_EXCLUSIVE, 32));
    }

    VncFixture(VncConfig config) {
        input.add(new Mouse());
        server = new VncServer(config, display, input, event -> events.add(event.type()));
    }

    static VncConfig config(Optional<String> password, VncConfig.Share share, int connections) {
        return new VncConfig("default", Optional.of(new VncAddress.Tcp("", 0, 0)),
                Optional.of(new VncAddress.Tcp("", 0, 0)), false, password.isPresent(),
                password.map(VncPassword::bytes), share, connections, Keymap.named(Keymap.DEFAULT).orElseThrow(),
                "a test");
    }

    int port() {
        return Integer.parseInt(server.facts().places().getFirst().service());
    }

    /** What a mouse and a keyboard do. */
    void settle() {
        clock.advanceNanos(0);
    }

    @Override
    public void close() {
        server.close();
        display.close();
    }

    private final class Keyboard implements KeyboardSink {
        @Override
        public String name() {
            return "keyboard";
        }

        @Override
        public boolean stroke(Key key, boolean isDown) {
            return typed.add(new InputEvent.Stroke(key, isDown));
        }

        @Override
        public int leds() {
            return lights;
        }
    }

    private final class Mouse implements PointerSink {
        @Override
        public String name() {
            return "mouse";
        }

        @Override
        public boolean isAbsolute() {
            return false;
        }

        @Override
        public boolean take(InputEvent.Pointer event) {
            return typed.add(event);
        }
    }

    /** Pixels that a test writes. */
    static final class Painted implements Screen {
        private int width = 100;
        private int height = 70;
        private int[] pixels = new int[width * height];
        private boolean isChanged = true;

        synchronized int[] pixels() {
            return pixels.clone();
        }

        synchronized void resize(int newWidth, int newHeight) {
            width = newWidth;
            height = newHeight;
            pixels = new int[width * height];
            isChanged = true;
        }

        synchronized void set(int x, int y, int rgb) {
            pixels[y * width + x] = rgb;
            isChanged = true;
        }

        synchronized void fill(int x, int y, int w, int h, int rgb) {
            for (int row = y; row < y + h; row++) {
                Arrays.fill(pixels, row * width + x, row * width + x + w, rgb);
            }
            isChanged = true;
        }

        /** Text-like, smooth and noisy parts, and those of one colour. */
        synchronized void paint(Random random) {
            for (int top = 0; top < height; top += 16) {
                for (int left = 0; left < width; left += 16) {
                    int kind = random.nextInt(5);
                    int[] colours = random.ints(kind == 3 ? 40 : 1 + kind, 0, 1 << 24).toArray();
                    for (int i = 0; i < 256; i++) {
                        int x = left + i % 16;
                        int y = top + i / 16;
                        if (x < width && y < height) {
                            pixels[y * width + x] = kind == 4 ? random.nextInt(1 << 24)
                                    : colours[i / (1 + random.nextInt(9)) % colours.length];
                        }
                    }
                }
            }
            isChanged = true;
        }

        /** The lines move up. */
        synchronized void scroll(int lines, Random random) {
            System.arraycopy(pixels, lines * width, pixels, 0, pixels.length - lines * width);
            for (int i = pixels.length - lines * width; i < pixels.length; i++) {
                pixels[i] = random.nextInt(1 << 24);
            }
            isChanged = true;
        }

        @Override
        public synchronized boolean render(Picture into) {
            if (!isChanged && into.width() == width) {
                return false;
            }
            isChanged = false;
            into.resize(width, height);
            System.arraycopy(pixels, 0, into.pixels(), 0, pixels.length);
            into.change(0, 0, width, height);
            return true;
        }

        @Override
        public Optional<TextScreen> text() {
            return Optional.empty();
        }
    }
}
