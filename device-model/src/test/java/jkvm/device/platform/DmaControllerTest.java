package jkvm.device.platform;

import static jkvm.device.platform.Ports.in;
import static jkvm.device.platform.Ports.out;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import jkvm.bus.DmaChannel;
import jkvm.bus.StateRoundTrip;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import org.junit.jupiter.api.Test;

class DmaControllerTest {
    private static final int WRITE_SINGLE = 0x44;
    private static final int AUTO_INITIALIZE = 0x10;
    private static final int DECREMENT = 0x20;

    private final GuestMemory memory =
            new GuestMemory(List.of(new MemoryRegion(0, MemorySegment.ofArray(new byte[0x40000]))));
    private final PostPort pages = new PostPort("post");
    private final DmaController bytes = new DmaController("dma1", false, memory, pages::page);
    private final DmaController words = new DmaController("dma2", true, memory, channel -> pages.page(4 + channel));

    private static void program(DmaController dma, int shift, int channel, int mode, int address, int count) {
        out(dma, 0xC << shift, 0);
        out(dma, 0xB << shift, mode | channel);
        out(dma, 2 * channel << shift, address & 0xFF);
        out(dma, 2 * channel << shift, address >> 8);
        out(dma, 2 * channel + 1 << shift, count & 0xFF);
        out(dma, 2 * channel + 1 << shift, count >> 8);
        out(dma, 0xA << shift, channel);
    }

    private static byte[] numbers(int count) {
        byte[] data = new byte[count];
        for (int i = 0; i < count; i++) {
            data[i] = (byte) (i + 1);
        }
        return data;
    }

    private byte[] at(long address, int count) {
        byte[] data = new byte[count];
        memory.read(address, data, 0, count);
        return data;
    }

    @Test
    void shouldWrapWithinAPageAndCloseAtTheTerminalCount() {
        pages.writeByte(0x3, 2);
        program(bytes, 0, 1, WRITE_SINGLE, 0xFFFE, 3);

        assertEquals(4, bytes.channel(1).remaining());
        assertEquals(4, bytes.channel(1).move(numbers(10), 0, 10));
        assertArrayEquals(new byte[] {1, 2}, at(0x2FFFE, 2));
        assertArrayEquals(new byte[] {3, 4}, at(0x20000, 2));
        assertFalse(bytes.channel(1).isOpen());
        assertEquals(0x02, in(bytes, 0x8));
        assertEquals(0, in(bytes, 0x8), "read clears");
        assertEquals(0xF, in(bytes, 0xF));
    }

    @Test
    void shouldReadBackWhereATransferIs() {
        program(bytes, 0, 2, WRITE_SINGLE, 0x1234, 0x1FF);
        bytes.channel(2).move(new byte[0x100], 0, 0x100);
        out(bytes, 0xC, 0);

        assertEquals(0x34, in(bytes, 4));
        assertEquals(0x13, in(bytes, 4));
        assertEquals(0xFF, in(bytes, 5));
        assertEquals(0x00, in(bytes, 5));
    }

    @Test
    void shouldMoveWordsAndBeginAnew() {
        pages.writeByte(0xB, 3);
        program(words, 1, 1, WRITE_SINGLE | AUTO_INITIALIZE, 0x10, 1);
        DmaChannel channel = words.channel(1);

        assertEquals(4, channel.move(numbers(4), 0, 4));
        assertArrayEquals(numbers(4), at(0x20020, 4));
        assertTrue(channel.isOpen());
        assertEquals(4, channel.remaining());
        assertEquals(2, channel.move(new byte[] {9, 9, 9}, 0, 3), "whole words");
        assertArrayEquals(new byte[] {9, 9, 3, 4}, at(0x20020, 4));
    }

    @Test
    void shouldGoDownAndLoseBytesPastRam() {
        program(bytes, 0, 0, WRITE_SINGLE | DECREMENT, 0x1002, 2);
        assertEquals(3, bytes.channel(0).move(numbers(3), 0, 3));
        assertArrayEquals(new byte[] {3, 2, 1}, at(0x1000, 3));

        pages.writeByte(0x7, 0xFF);
        program(bytes, 0, 0, 0x48, 0, 3);
        byte[] read = new byte[4];
        assertEquals(4, bytes.channel(0).move(read, 0, 4));
        assertArrayEquals(new byte[] {-1, -1, -1, -1}, read);
    }

    @Test
    void shouldWakeADeviceWhenItsChannelOpens() {
        AtomicInteger wakes = new AtomicInteger();
        bytes.channel(3).connect(wakes::incrementAndGet);
        out(bytes, 0xA, 3);
        assertEquals(0, wakes.get(), "nothing was asked for");
        out(bytes, 0xA, 7);

        bytes.channel(3).request(true);
        assertEquals(0x80, in(bytes, 0x8));
        out(bytes, 0x8, 4);
        out(bytes, 0xE, 0);
        assertEquals(0, wakes.get(), "disabled");
        out(bytes, 0x8, 0);

        assertEquals(1, wakes.get());
    }

    @Test
    void shouldKeepItsState() {
        program(bytes, 0, 2, WRITE_SINGLE | AUTO_INITIALIZE, 0x1234, 7);
        bytes.channel(2).request(true);
        bytes.channel(2).move(numbers(3), 0, 3);
        out(bytes, 4, 0x55);
        DmaController other = new DmaController("dma1", false, memory, pages::page);

        StateRoundTrip.copy(bytes, other);

        assertEquals(0x12, in(other, 4), "the flip-flop");
        assertEquals(5, other.channel(2).remaining());
        other.reset();
        assertFalse(other.channel(2).isOpen());
    }
}
