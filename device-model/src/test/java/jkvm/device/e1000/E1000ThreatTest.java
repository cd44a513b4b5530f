package jkvm.device.e1000;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.host.net.Frames;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks of a hostile driver on the rings; after each of them a driver that begins anew is served. */
class E1000ThreatTest {
    private static final int SEND = E1000Driver.EOP | E1000Driver.IFCS;
    private static final int TDH = RegisterMap.TDBAL_OFFSET + RegisterMap.RING_HEAD;
    private static final int TDT = RegisterMap.TDBAL_OFFSET + RegisterMap.RING_TAIL;
    private static final int TDLEN = RegisterMap.TDBAL_OFFSET + RegisterMap.RING_LEN;
    private static final int RDH = RegisterMap.RDBAL_OFFSET + RegisterMap.RING_HEAD;
    private static final int RDT = RegisterMap.RDBAL_OFFSET + RegisterMap.RING_TAIL;
    private static final int RDLEN = RegisterMap.RDBAL_OFFSET + RegisterMap.RING_LEN;

    private final E1000Fixture machine = new E1000Fixture();
    private final E1000Driver driver = new E1000Driver(machine).start();

    @AfterEach
    void shouldServeADriverThatBeginsAnew() {
        machine.backend.sent.clear();
        machine.writePhy(0, 0x1140);
        E1000Driver next = new E1000Driver(machine).start();
        next.putLegacy(Frames.toNic(77), SEND);
        next.ring();
        assertEquals(77, machine.backend.sent.getFirst().length);
        assertTrue(machine.backend.offer(Frames.toNic(66)));
        assertEquals(70, next.take().length);
    }

    @Test
    @DisplayName("a head past the end of its ring stops the ring")
    void shouldStopARingWhoseHeadIsOutside() {
        driver.putLegacy(Frames.toNic(60), SEND);
        machine.write(TDH, E1000Driver.RING_SIZE);
        driver.ring();
        machine.write(TDH, 0xFFFF);
        assertTrue(machine.backend.sent.isEmpty());
        machine.write(RDH, 0xFFFF);
        assertFalse(machine.backend.offer(Frames.toNic(60)));
        assertNull(driver.take());
        machine.write(RDH, 0);
        machine.write(RDT, 5);
        assertTrue(machine.backend.offer(Frames.toNic(60)));
        assertNotNull(driver.take());
        machine.write(TDH, 0);
        assertEquals(1, machine.backend.sent.size());
    }

    @Test
    @DisplayName("an unaligned length is cut, and a tail past the end stops the ring")
    void shouldStopARingWhoseLengthOrTailIsWrong() {
        driver.putLegacy(Frames.toNic(60), SEND);
        machine.write(TDLEN, 127);
        assertEquals(0, machine.read(TDLEN));
        assertTrue(machine.backend.sent.isEmpty());
        machine.write(TDLEN, E1000Driver.RING_SIZE * 16 + 5);
        assertEquals(E1000Driver.RING_SIZE * 16, machine.read(TDLEN));
        machine.backend.sent.clear();
        machine.write(TDT, E1000Driver.RING_SIZE);
        machine.write(TDT, 0xFFFF);
        assertTrue(machine.backend.sent.isEmpty());
        machine.write(RDLEN, 0);
        assertFalse(machine.backend.offer(Frames.toNic(60)));
        machine.write(RDLEN, E1000Driver.RING_SIZE * 16);
        machine.write(RDT, 0xFFFF);
        assertFalse(machine.backend.offer(Frames.toNic(60)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 16, 64})
    @DisplayName("a ring of less than 128 bytes gives one descriptor for each write to its tail, as in QEMU")
    void shouldServeOneDescriptorForEachBellOfATinyRing(int length) {
        // given
        machine.write(TDLEN, length);
        machine.write(RDLEN, length);
        driver.putLegacy(Frames.toNic(60), SEND | E1000Driver.RS);

        // when
        driver.ring();
        machine.write(TDT, 1);
        machine.write(RDT, 1);

        // then
        assertEquals(2, machine.backend.sent.size());
        assertEquals(0, machine.read(TDH));
        assertTrue(machine.backend.offer(Frames.toNic(70)));
        assertFalse(machine.backend.offer(Frames.toNic(70)));
        assertEquals(0, machine.read(RDH));
    }

    @Test
    @DisplayName("a ring outside of memory, or wrapping around 2^64, stops")
    void shouldStopARingOutsideOfMemory() {
        for (long base : new long[] {E1000Fixture.MEMORY_SIZE, E1000Fixture.BAR_0, -1024L, 1L << 63}) {
            machine.write(RegisterMap.TDBAL_OFFSET, (int) base);
            machine.write(RegisterMap.TDBAL_OFFSET + 4, (int) (base >>> 32));
            machine.write(TDT, 40);
            assertEquals(0, machine.read(TDH));
            machine.write(TDT, 0);
            machine.write(RegisterMap.RDBAL_OFFSET, (int) base);
            machine.write(RegisterMap.RDBAL_OFFSET + 4, (int) (base >>> 32));
            assertFalse(machine.backend.offer(Frames.toNic(60)));
        }
    }

    @Test
    @DisplayName("segmentation that would never advance drops the packet")
    void shouldDropPacketsThatCannotBeCut() {
        int[][] headerAndSize = {{0, 0}, {54, 0}, {0, 1460}, {255, 0xFFFF}, {54, 0xFFFF}};
        for (int[] pair : headerAndSize) {
            driver.putContext(Frames.IP, Frames.TCP, Frames.TCP + 16, 3 | E1000Driver.TSE, pair[0], pair[1]);
            driver.putData(new byte[100], E1000Driver.TSE, 3);
            for (int i = 0; i < 2 && pair[1] == 0xFFFF; i++) {
                driver.putData(new byte[16000], E1000Driver.TSE, 3);
            }
            driver.putData(new byte[100], SEND | E1000Driver.TSE, 3);
            driver.ring();
        }
        driver.putContext(Frames.IP, Frames.TCP, Frames.TCP + 16, 3 | E1000Driver.TSE, 54, 0);
        driver.putData(Frames.ipv4(6, 1000, false), SEND | E1000Driver.TSE, 3);
        driver.ring();
        assertEquals(headerAndSize.length + 1, machine.nic.droppedPackets());
        assertEquals(headerAndSize.length + 1, machine.read(Statistics.TSCTFC_OFFSET));
        assertTrue(machine.backend.sent.isEmpty());
    }

    @Test
    @DisplayName("one byte a segment ends, and gives the device up between batches")
    void shouldEndTheSmallestSegments() {
        driver.putContext(Frames.IP, Frames.TCP, Frames.TCP + 16, 3 | E1000Driver.TSE, 54, 1);
        driver.putData(Frames.ipv4(6, 5000, false), SEND | E1000Driver.TSE, 3);
        driver.ring();
        assertEquals(5000, machine.backend.sent.size());
    }

    @Test
    @DisplayName("offsets past the frame and headers longer than the packet drop it")
    void shouldDropPacketsWhoseOffsetsLieOutside() {
        byte[] frame = Frames.ipv4(6, 10, true);
        driver.putContext(200, 210, 220, 3, 0, 0);
        driver.putData(frame, SEND, 3);
        driver.putContext(14, 255, 50, 3, 0, 0);
        driver.putData(frame, SEND, 2);
        driver.putContext(14, 34, frame.length - 1, 3, 0, 0);
        driver.putData(frame, SEND, 2);
        driver.put(driver.data(frame), frame.length | 0xFFL << 16 | (long) (SEND | E1000Driver.IC) << 24 | 0xFFL << 40);
        driver.putContext(14, 34, 50, 3 | E1000Driver.TSE, 200, 100);
        driver.putData(frame, SEND | E1000Driver.TSE, 3);
        driver.putContext(200, 34, 50, 3 | E1000Driver.TSE, 54, 100);
        driver.putData(frame, SEND | E1000Driver.TSE, 3);
        driver.putContext(14, 50, 50, 3 | E1000Driver.TSE, 54, 100);
        driver.putData(frame, SEND | E1000Driver.TSE, 3);
        driver.ring();
        assertTrue(machine.backend.sent.isEmpty());
        assertEquals(7, machine.nic.droppedPackets());
    }

    @Test
    @DisplayName("a packet without an end is thrown away past 64 KiB")
    void shouldCapTheAssembly() {
        byte[] piece = new byte[16000];
        long last = 0;
        for (int i = 0; i < 1000; i++) {
            last = driver.putLegacy(piece, E1000Driver.RS);
            driver.ring();
        }
        assertTrue(driver.isDone(last));
        driver.putLegacy(piece, SEND);
        driver.ring();
        assertTrue(machine.backend.sent.isEmpty());
        assertEquals(1, machine.nic.droppedPackets());
    }

    @Test
    @DisplayName("a buffer outside of memory drops its packet alone")
    void shouldDropAPacketWithABufferOutsideOfMemory() {
        driver.put(E1000Fixture.BAR_0, 100);
        driver.putLegacy(Frames.toNic(60), SEND);
        driver.put(-50L, 100 | (long) SEND << 24);
        driver.put(E1000Fixture.MEMORY_SIZE - 50, 100 | (long) SEND << 24);
        driver.putLegacy(Frames.toNic(61), SEND);
        driver.ring();
        assertEquals(1, machine.backend.sent.size());
        assertEquals(61, machine.backend.sent.getFirst().length);
        assertEquals(3, machine.nic.droppedPackets());
    }

    @Test
    @DisplayName("a ring of null buffers drops frames and touches nothing")
    void shouldDropFramesIntoARingOfNullBuffers() {
        for (int i = 0; i < E1000Driver.RING_SIZE; i++) {
            machine.memory.writeLong(E1000Driver.RECEIVE_RING + 16 * i, 0);
        }
        machine.memory.writeLong(0, 0x1122334455667788L);
        machine.read(RegisterMap.ICR_OFFSET);
        assertTrue(machine.backend.offer(Frames.toNic(60)));
        assertNull(driver.take());
        assertEquals(0x1122334455667788L, machine.memory.readLong(0));
        assertEquals(1, machine.read(Statistics.MPC_OFFSET));
        assertEquals(1, machine.read(Statistics.RNBC_OFFSET));
        assertEquals(RegisterMap.RXO_BIT, machine.read(RegisterMap.ICR_OFFSET));
        machine.memory.writeLong(E1000Driver.RECEIVE_RING + 16 * 40, E1000Driver.RECEIVE_BUFFERS);
        assertTrue(machine.backend.offer(Frames.toNic(60)));
        assertEquals(64, driver.take().length, "behind forty null buffers");
    }

    @Test
    @DisplayName("receive buffers outside of memory lose their data alone")
    void shouldNotWriteOutsideOfMemory() {
        machine.memory.writeLong(E1000Driver.RECEIVE_RING, E1000Fixture.MEMORY_SIZE - 10);
        machine.memory.writeLong(E1000Driver.RECEIVE_RING + 16, -20L);
        assertTrue(machine.backend.offer(Frames.toNic(60)));
        assertTrue(machine.backend.offer(Frames.toNic(60)));
        assertEquals(2, machine.read(RDH));
    }

    @Test
    @DisplayName("an oversized frame towards the guest is dropped and counted")
    void shouldDropOversizedFrames() {
        assertTrue(machine.backend.offer(Frames.toNic(1519)));
        assertTrue(machine.backend.offer(Frames.toNic(65000)));
        driver.setUpReceive(RegisterMap.RCTL_LPE_BIT);
        assertTrue(machine.backend.offer(Frames.toNic(16381)));
        assertNull(driver.take());
        assertEquals(3, machine.read(Statistics.ROC_OFFSET));
        assertTrue(machine.backend.offer(Frames.toNic(16380)));
        assertEquals(16384, driver.take().length);
        assertTrue(machine.backend.offer(new byte[0]));
        assertTrue(machine.backend.offer(new byte[13]));
        assertEquals(2, machine.read(Statistics.RUC_OFFSET));
    }

    @Test
    @DisplayName("a frame that no ring of this length can hold is dropped")
    void shouldDropAFrameThatCanNeverFit() {
        driver.setUpReceive(RegisterMap.RCTL_LPE_BIT | 3 << RegisterMap.RCTL_BSIZE_SHIFT);
        machine.write(RDT, 0);
        machine.write(RDLEN, 128);
        machine.write(RDT, 7);
        assertTrue(machine.backend.offer(Frames.toNic(9000)));
        assertEquals(1, machine.read(Statistics.MPC_OFFSET));
        assertTrue(machine.backend.offer(Frames.toNic(1000)));
        assertNotNull(driver.take());
    }

    @Test
    @DisplayName("PHY loopback of frames into the transmit ring itself ends")
    void shouldNotReEnterItselfInLoopback() {
        machine.writePhy(0, 0x4140);
        for (int i = 0; i < E1000Driver.RING_SIZE; i++) {
            machine.memory.writeLong(E1000Driver.RECEIVE_RING + 16 * i, E1000Driver.TRANSMIT_RING);
        }
        byte[] descriptors = new byte[1024];
        for (int i = 0; i < 64; i++) {
            descriptors[16 * i + 2] = 0x10;
            descriptors[16 * i + 8] = (byte) 200;
            descriptors[16 * i + 11] = SEND;
        }
        machine.write(RegisterMap.RCTL_OFFSET,
                RegisterMap.RCTL_EN_BIT | RegisterMap.RCTL_UPE_BIT | RegisterMap.RCTL_MPE_BIT);
        for (int i = 0; i < 60; i++) {
            driver.putLegacy(descriptors, SEND | E1000Driver.RS);
        }
        driver.ring();
        assertEquals(60, machine.read(TDH));
        assertTrue(machine.backend.sent.isEmpty());
    }
}
