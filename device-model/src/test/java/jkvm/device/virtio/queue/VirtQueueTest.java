package jkvm.device.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class VirtQueueTest {
    private static final int SIZE = 8;

    private final GuestMemory memory = QueueDriver.newMemory();
    private final QueueDriver driver = new QueueDriver(memory, SIZE, 0x10000);
    private final List<String> failures = new ArrayList<>();
    private int interrupts;
    private VirtQueue queue = queue(false, true);

    private VirtQueue queue(boolean eventIndex, boolean indirect) {
        return new VirtQueue(memory, driver.layout(), 16, eventIndex, indirect, new QueueEvents() {
            @Override
            public void interrupt() {
                interrupts++;
            }

            @Override
            public void failed(String reason) {
                failures.add(reason);
            }
        });
    }

    /** Completes all there is, each with the number of its readable bytes. */
    private int serve() {
        int served = 0;
        for (DescriptorChain chain = queue.pop(); chain != null; chain = queue.pop()) {
            queue.push(chain, chain.readableBytes());
            queue.flush();
            served++;
        }
        return served;
    }

    private void assertFails(String reason) {
        assertNull(queue.pop());
        assertEquals(1, failures.size(), failures.toString());
        assertTrue(failures.getFirst().contains(reason), failures.getFirst());
        assertNull(queue.pop(), "it stays so");
        assertEquals(1, failures.size());
        assertNull(driver.takeUsed());
    }

    @Test
    void shouldCarryBytesBothWays() {
        QueueDriver.Buffer answer = driver.writable(3);
        QueueDriver.Buffer more = driver.writable(5);
        int head = driver.request(driver.readable((byte) 1, (byte) 2), driver.readable((byte) 3, (byte) 4, (byte) 5),
                answer, more);
        DescriptorChain chain = queue.pop();
        assertEquals(5, chain.readableBytes());
        assertEquals(8, chain.writableBytes());
        byte[] bytes = new byte[4];
        chain.read(1, bytes, 0, 4);
        assertArrayEquals(new byte[] {2, 3, 4, 5}, bytes);
        assertEquals(0x0504030201L, chain.readNumber(0, 5));
        chain.write(2, new byte[] {7, 8, 9}, 0, 3);
        chain.writeByte(7, 10);
        assertArrayEquals(new byte[] {0, 0, 7}, driver.content(answer));
        assertArrayEquals(new byte[] {8, 9, 0, 0, 10}, driver.content(more));
        assertEquals(2, chain.readable(3, 100));
        assertEquals(1, chain.writable(2, 100));
        assertThrows(IndexOutOfBoundsException.class, () -> chain.write(6, bytes, 0, 4));
        assertThrows(IndexOutOfBoundsException.class, () -> chain.readNumber(4, 2));
        queue.push(chain, 8);
        assertEquals(new QueueDriver.Used(head, 8), driver.takeUsed());
        assertNull(queue.pop());
    }

    @Test
    void shouldJoinBuffersThatLieSideBySideUpToTheEndOfAPart() {
        driver.request(new QueueDriver.Buffer(0x1000, 0x100, false), new QueueDriver.Buffer(0x1100, 0x100, false),
                new QueueDriver.Buffer(0x1300, 0x100, false), new QueueDriver.Buffer(0x1400, 0x10, true),
                new QueueDriver.Buffer(0x1410, 0x10, true));
        DescriptorChain chain = queue.pop();
        assertEquals(0x1F0, chain.readable(0x10, 1000));
        assertEquals(0x1010, chain.pieceStart());
        assertEquals(0x20, chain.readable(0x10, 0x20));
        assertEquals(0x100, chain.readable(0x200, 1000), "up to what the device writes");
        assertEquals(0x1300, chain.pieceStart());
        assertEquals(0x20, chain.writable(0, 1000));
        assertThrows(IndexOutOfBoundsException.class, () -> chain.writable(0x20, 1));
    }

    @Test
    void shouldNotJoinBuffersOfTwoRegionsOfMemory() {
        MemoryRegion low = memory.regions().getFirst();
        GuestMemory two = new GuestMemory(List.of(low, new MemoryRegion(low.end(), Arena.ofAuto().allocate(0x1000))));
        DescriptorChain chain = new DescriptorChain(two, 4);
        chain.add(low.end() - 0x10, 0x10, true);
        chain.add(low.end(), 0x20, true);
        assertEquals(0x10, chain.writable(0, 1000));
        assertEquals(0x20, chain.writable(0x10, 1000));
        assertEquals(0, chain.pieceStart());
        assertEquals(0x1000, chain.pieceMemory().byteSize());
    }

    @Test
    void shouldGoRoundTheRingsManyTimes() {
        for (int i = 0; i < 70_000; i++) {
            int head = driver.request(new QueueDriver.Buffer(0x1000, 1 + i % 7, false));
            assertEquals(1, serve());
            assertEquals(new QueueDriver.Used(head, 1 + i % 7), driver.takeUsed());
        }
        assertEquals(70_000, interrupts);
    }

    @Test
    void shouldFollowIndirectTablesAlsoBehindDirectDescriptors() {
        driver.indirectRequest(driver.readable((byte) 1), driver.writable(4));
        DescriptorChain chain = queue.pop();
        assertEquals(1, chain.readableBytes());
        assertEquals(4, chain.writableBytes());
        driver.descriptorAt(0x40000, 0x1000, 3, QueueDriver.WRITE, 0);
        driver.descriptor(4, 0x1000, 2, QueueDriver.NEXT, 5);
        driver.descriptor(5, 0x40000, 16, QueueDriver.INDIRECT, 0);
        driver.offer(4);
        chain = queue.pop();
        assertEquals(2, chain.readableBytes());
        assertEquals(3, chain.writableBytes());
    }

    @Test
    void shouldNotInterruptADriverThatRefuses() {
        driver.refuseInterrupts(true);
        driver.request(driver.readable((byte) 1));
        serve();
        assertEquals(0, interrupts);
        driver.refuseInterrupts(false);
        queue.flush();
        assertEquals(0, interrupts, "nothing new");
        driver.request(driver.readable((byte) 1));
        serve();
        assertEquals(1, interrupts);
    }

    @Test
    void shouldAskForNotificationsOnlyWhenItHasNothingToDo() {
        driver.request(driver.readable((byte) 1));
        assertNotNull(queue.pop());
        assertTrue(driver.wantsNoNotification());
        assertNull(queue.pop());
        assertFalse(driver.wantsNoNotification());
    }

    @Test
    void shouldInterruptAndBeNotifiedAtTheEventIndex() {
        queue = queue(true, true);
        driver.usedEvent(0);
        driver.request(driver.readable((byte) 1));
        serve();
        assertEquals(1, interrupts);
        assertEquals(1, driver.availableEvent());
        driver.usedEvent(3);
        for (int i = 0; i < 3; i++) {
            driver.request(driver.readable((byte) 1));
            serve();
            assertEquals(i < 2 ? 1 : 2, interrupts, "completion " + (i + 2));
        }
        assertEquals(4, driver.availableEvent());
        driver.usedEvent(5);
        driver.request(driver.readable((byte) 1));
        driver.request(driver.readable((byte) 1));
        driver.request(driver.readable((byte) 1));
        for (int i = 0; i < 3; i++) {
            queue.push(queue.pop(), 0);
        }
        queue.flush();
        assertEquals(3, interrupts, "one for a batch that passes the index");
    }

    @Test
    void shouldGiveStagedRequestsBackAtOnce() {
        int first = driver.request(driver.writable(4));
        int second = driver.request(driver.writable(4));
        queue.stage(queue.pop(), 4);
        queue.stage(queue.pop(), 1);
        assertNull(driver.takeUsed());
        queue.publish();
        assertEquals(new QueueDriver.Used(first, 4), driver.takeUsed());
        assertEquals(new QueueDriver.Used(second, 1), driver.takeUsed());
        queue.flush();
        assertEquals(1, interrupts);
        queue.publish();
        queue.flush();
        assertEquals(1, interrupts, "nothing new");
    }

    @Test
    void shouldTakeStagedRequestsBackAndGiveThemOutAgain() {
        queue = queue(true, true);
        int first = driver.request(driver.writable(4));
        int second = driver.request(driver.writable(5));
        queue.stage(queue.pop(), 4);
        queue.stage(queue.pop(), 5);
        assertNull(queue.pop());
        queue.recall();
        queue.publish();
        queue.flush();
        assertNull(driver.takeUsed());
        assertEquals(0, interrupts);
        assertEquals(2, driver.availableEvent(), "the next request is worth a notification");
        for (int round = 0; round < SIZE; round++) {
            queue.stage(queue.pop(), 0);
            queue.recall();
        }
        DescriptorChain chain = queue.pop();
        assertEquals(4, chain.writableBytes());
        queue.push(chain, 2);
        queue.push(queue.pop(), 3);
        assertEquals(new QueueDriver.Used(first, 2), driver.takeUsed());
        assertEquals(new QueueDriver.Used(second, 3), driver.takeUsed());
    }

    @Test
    void shouldCopyBetweenBuffersInPiecesAndOtherMemory() {
        QueueDriver.Buffer answer = driver.writable(3);
        QueueDriver.Buffer more = driver.writable(5);
        driver.request(driver.readable((byte) 1, (byte) 2), driver.readable((byte) 3, (byte) 4), answer, more);
        DescriptorChain chain = queue.pop();
        byte[] bytes = new byte[8];
        MemorySegment other = MemorySegment.ofArray(bytes);
        chain.read(1, other, 2, 3);
        assertArrayEquals(new byte[] {0, 0, 2, 3, 4, 0, 0, 0}, bytes);
        chain.write(1, other, 1, 5);
        assertArrayEquals(new byte[] {0, 0, 2}, driver.content(answer));
        assertArrayEquals(new byte[] {3, 4, 0, 0, 0}, driver.content(more));
        assertEquals(more.address() + 1, chain.writableAddress(4));
        assertThrows(IndexOutOfBoundsException.class, () -> chain.read(2, other, 0, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> chain.write(4, other, 0, 5));
        assertThrows(IndexOutOfBoundsException.class, () -> chain.writableAddress(8));
    }

    @Test
    void shouldGoOnWhereAnotherMachineWas() {
        driver.request(driver.readable((byte) 1));
        serve();
        driver.takeUsed();
        long position = queue.position();
        queue = queue(false, true);
        queue.position(position);
        int head = driver.request(driver.readable((byte) 2, (byte) 3));
        serve();
        assertEquals(new QueueDriver.Used(head, 2), driver.takeUsed());
    }

    @Test
    void shouldDropWhatIsGivenBackAfterAStop() {
        driver.request(driver.readable((byte) 1));
        DescriptorChain chain = queue.pop();
        queue.stop();
        queue.push(chain, 0);
        queue.flush();
        assertNull(driver.takeUsed());
        assertEquals(0, interrupts);
    }

    @Test
    @DisplayName("only sizes that are powers of two up to the maximum make a queue")
    void shouldRefuseSizes() {
        for (int size : new int[] {0, 3, 12, 32, 0x8000, 0x10000, -8}) {
            assertNotNull(new QueueLayout(size, 0x1000, 0x2000, 0x3000).check(memory, 16), "size " + size);
        }
        assertNull(new QueueLayout(16, 0x1000, 0x2000, 0x3000).check(memory, 16));
        assertNull(new QueueLayout(1, 0x1000, 0x2000, 0x3000).check(memory, 16));
    }

    @Test
    @DisplayName("rings that are unmapped, misaligned or wrap round 2^64 make no queue")
    void shouldRefuseRings() {
        long end = QueueDriver.MEMORY_SIZE;
        long[][] rings = {{0x1008, 0x2000, 0x3000}, {0x1000, 0x2001, 0x3000}, {0x1000, 0x2000, 0x3002},
            {end, 0x2000, 0x3000}, {end - 112, 0x2000, 0x3000}, {0x1000, end - 20, 0x3000}, {0x1000, 0x2000, end - 68},
            {-16, 0x2000, 0x3000}, {0x1000, -2, 0x3000}, {0x1000, 0x2000, -4}, {0xFEE00000L, 0x2000, 0x3000},
            {1L << 52, 0x2000, 0x3000}, {Long.MIN_VALUE, 0x2000, 0x3000}};
        for (long[] ring : rings) {
            assertNotNull(new QueueLayout(8, ring[0], ring[1], ring[2]).check(memory, 16),
                    Arrays.toString(ring));
        }
        assertNull(new QueueLayout(8, end - 128, 0x2000, 0x3000).check(memory, 16));
    }

    @Test
    @DisplayName("an available index that is ahead by more than the size fails the queue")
    void shouldRefuseARunawayIndex() {
        driver.availableIndex(SIZE + 1);
        assertFails("ahead by 9");
    }

    @Test
    @DisplayName("a chain that loops fails the queue after a bounded walk")
    void shouldRefuseALoop() {
        driver.descriptor(0, 0x1000, 1, QueueDriver.NEXT, 1);
        driver.descriptor(1, 0x1000, 1, QueueDriver.NEXT, 0);
        driver.offer(0);
        assertFails("a chain of more than 16");
    }

    @Test
    @DisplayName("a head past the table fails the queue")
    void shouldRefuseAHeadOutsideTheTable() {
        driver.offer(SIZE);
        assertFails("descriptor index 8 of 8");
    }

    @Test
    @DisplayName("a next past the table fails the queue")
    void shouldRefuseANextOutsideTheTable() {
        driver.descriptor(0, 0x1000, 1, QueueDriver.NEXT, 0xFFFF);
        driver.offer(0);
        assertFails("descriptor index 65535 of 8");
    }

    @Test
    @DisplayName("indirect tables nested, empty, ragged, unmapped, chained or not negotiated fail the queue")
    void shouldRefuseIndirectTables() {
        driver.descriptorAt(0x40000, 0x50000, 16, QueueDriver.INDIRECT, 0);
        Object[][] tables = {{0x40000L, 16, 0}, {0x40000L, 0, 0}, {0x40000L, 24, 0}, {0x40000L, -16, 0},
            {QueueDriver.MEMORY_SIZE - 16L, 32, 0}, {-16L, 32, 0}, {0x1000L, 16, QueueDriver.NEXT}};
        for (Object[] table : tables) {
            failures.clear();
            driver.clear();
            queue = queue(false, true);
            driver.descriptor(0, (long) table[0], (int) table[1], QueueDriver.INDIRECT | (int) table[2], 1);
            driver.offer(0);
            assertFails("indirect");
        }
        failures.clear();
        driver.clear();
        queue = queue(false, false);
        driver.indirectRequest(driver.readable((byte) 1));
        assertFails("indirect");
    }

    @Test
    @DisplayName("a table longer than the queue's maximum fails the queue if all of it is used")
    void shouldBoundIndirectChains() {
        QueueDriver.Buffer[] buffers = new QueueDriver.Buffer[17];
        Arrays.fill(buffers, new QueueDriver.Buffer(0x1000, 1, false));
        driver.indirectRequest(buffers);
        assertFails("a chain of more than 16");
    }

    @Test
    @DisplayName("empty buffers, 4 GiB and readable after writable fail the queue")
    void shouldRefuseBuffers() {
        Object[][] chains = {{0x1000L, 0, 0}, {0x1000L, -1, 0}, {0x1000L, Integer.MIN_VALUE, QueueDriver.WRITE}};
        for (Object[] chain : chains) {
            failures.clear();
            driver.clear();
            queue = queue(false, true);
            driver.descriptor(0, (long) chain[0], (int) chain[1], (int) chain[2], 0);
            driver.offer(0);
            assertFails("a buffer of");
        }
        failures.clear();
        driver.clear();
        queue = queue(false, true);
        driver.request(driver.writable(4), driver.readable((byte) 1));
        assertFails("a readable buffer behind a writable one");
    }

    @Test
    @DisplayName("requests that are offered again and again before they are complete fail the queue")
    void shouldBoundRequestsInFlight() {
        driver.descriptor(0, 0x1000, 1, 0, 0);
        for (int i = 0; i < SIZE; i++) {
            driver.offer(0);
            assertNotNull(queue.pop());
        }
        driver.offer(0);
        assertFails("more requests than the queue has entries");
    }

    @Test
    @DisplayName("a descriptor that another CPU changes after the check changes nothing")
    void shouldUseTheCopyThatWasChecked() {
        QueueDriver.Buffer answer = driver.writable(4);
        driver.request(answer);
        DescriptorChain chain = queue.pop();
        driver.descriptor(0, 0xFEE00000L, -1, 0, 0);
        chain.write(0, new byte[] {1, 2, 3, 4}, 0, 4);
        assertArrayEquals(new byte[] {1, 2, 3, 4}, driver.content(answer));
        assertEquals(4, chain.writableBytes());
    }

    @Test
    @DisplayName("descriptors that change all the time make a valid chain or fail the queue")
    void shouldBearDescriptorsThatChange() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Thread rewriter = Thread.ofPlatform().start(() -> {
            for (int i = 0; !done.get(); i++) {
                driver.descriptor(i % 3, i % 5 == 0 ? -1L : 0x1000 + i % 64, i % 7 == 0 ? 0 : i % 100, i & 7, i % 9);
            }
        });
        int decided = 0;
        for (int i = 0; i < 5000; i++) {
            failures.clear();
            queue = queue(false, true);
            driver.availableIndex(1);
            memory.writeShort(driver.layout().driver() + 4, (short) 0);
            DescriptorChain chain = queue.pop();
            if (chain != null) {
                decided++;
                byte[] bytes = new byte[(int) Math.max(chain.writableBytes(), chain.readableBytes())];
                chain.read(0, bytes, 0, (int) chain.readableBytes());
                chain.write(0, bytes, 0, (int) chain.writableBytes());
            } else {
                decided += failures.size();
            }
        }
        done.set(true);
        rewriter.join();
        assertEquals(5000, decided);
    }

    @Test
    @DisplayName("a buffer at device registers, in the hole or past the end of memory fails the queue")
    void shouldRefuseBuffersOutsideMemory() {
        for (long address : new long[] {0xFEB03000L, 0xC0000000L, QueueDriver.MEMORY_SIZE - 1, -1L, Long.MAX_VALUE}) {
            failures.clear();
            driver.clear();
            queue = queue(false, true);
            driver.request(new QueueDriver.Buffer(address, 4, true));
            assertFails("a buffer of 4 bytes");
        }
    }
}
