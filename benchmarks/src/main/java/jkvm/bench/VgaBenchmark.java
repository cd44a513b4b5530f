package jkvm.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import jkvm.bus.AddressSpace;
import jkvm.device.board.DeviceMemory;
import jkvm.device.vga.Vga;
import jkvm.host.display.Picture;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The time in which a VGA's picture is brought up to date: nothing has changed, a little has, all has. {@code -prof gc}
 * shows that it allocates nothing.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class VgaBenchmark {
    private static final int WIDTH = 1024;
    private static final int HEIGHT = 768;
    private static final int CELLS = 80 * 25;
    private static final long TEXT = 0xB8000;

    /** An adapter and the memory that the guest writes without a call. */
    abstract static class Adapter implements DeviceMemory {
        final AddressSpace ports = new AddressSpace("port");
        final AddressSpace memory = new AddressSpace("memory");
        final Picture picture = new Picture();
        private final MemorySegment segment = Arena.ofAuto().allocate(16 << 20, PAGE_SIZE);
        private final long[] written = new long[(16 << 20) / PAGE_SIZE / Long.SIZE];
        final Vga vga = new Vga("vga", this, new StillClock(), new byte[0]);
        int next;

        @Override
        public MemorySegment memory() {
            return segment;
        }

        @Override
        public void collectWrites(long[] pages) {
            for (int i = 0; i < pages.length; i++) {
                pages[i] |= written[i];
                written[i] = 0;
            }
        }

        /** A pixel that differs from the one before. */
        void writePixel(int at) {
            next++;
            segment.set(ValueLayout.JAVA_INT, at, next);
            written[at / PAGE_SIZE / Long.SIZE] |= 1L << at / PAGE_SIZE;
        }

        void out(int port, int index, int value) {
            ports.dispatchWrite(port, 2, value << 8 | index);
        }

        void show() {
            ports.dispatchRead(0x3DA, 1);
            ports.dispatchWrite(0x3C0, 1, 0x20);
            render();
        }

        boolean render() {
            picture.clearChanges();
            return vga.screen().render(picture);
        }
    }

    /** 80 columns and 25 rows. */
    @State(Scope.Thread)
    public static class Text extends Adapter {
        @Setup
        public void setUp() {
            vga.answer(ports, memory);
            ports.dispatchWrite(0x3C2, 1, 0x67);
            out(0x3C4, 2, 3);
            out(0x3CE, 5, 0x10);
            out(0x3CE, 6, 0x0E);
            int[] crtc = {0x5F, 0x4F, 0x50, 0x82, 0x55, 0x81, 0xBF, 0x1F, 0, 0x4F, 0x0D, 0x0E, 0, 0, 0, 0, 0x9C, 0x0E,
                0x8F, 0x28, 0x1F, 0x96, 0xB9, 0xA3, 0xFF};
            for (int i = 0; i < crtc.length; i++) {
                out(0x3D4, i, crtc[i]);
            }
            show();
        }

        void write(int cell) {
            next++;
            memory.dispatchWrite(TEXT + 2L * cell, 2, 0x0700 | next & 0xFF);
        }
    }

    /** 1024x768 pixels of 32 bits. */
    @State(Scope.Thread)
    public static class FrameBuffer extends Adapter {
        @Setup
        public void setUp() {
            vga.answer(ports, memory);
            int[] registers = {0, WIDTH, HEIGHT, 32, 0x41};
            for (int i = 1; i < registers.length; i++) {
                ports.dispatchWrite(0x1CE, 2, i);
                ports.dispatchWrite(0x1CF, 2, registers[i]);
            }
            show();
        }
    }

    @Benchmark
    public boolean textIdle(Text text) {
        return text.render();
    }

    @Benchmark
    public boolean textOneCharacter(Text text) {
        text.write(text.next % CELLS);
        return text.render();
    }

    /** With the guest's 2000 accesses. */
    @Benchmark
    public boolean textAll(Text text) {
        for (int i = 0; i < CELLS; i++) {
            text.write(i);
        }
        text.next++;
        return text.render();
    }

    @Benchmark
    public boolean pixelsIdle(FrameBuffer frame) {
        return frame.render();
    }

    @Benchmark
    public boolean pixelsOneLine(FrameBuffer frame) {
        frame.writePixel(frame.next % HEIGHT * WIDTH * Integer.BYTES);
        return frame.render();
    }

    /** All lines are looked at: each has a pixel that is another. */
    @Benchmark
    public boolean pixelsAllLines(FrameBuffer frame) {
        for (int y = 0; y < HEIGHT; y++) {
            frame.writePixel(y * WIDTH * Integer.BYTES);
        }
        return frame.render();
    }
}
