package jkvm.device.e1000;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import jkvm.host.net.Frames;
import org.junit.jupiter.api.Test;

class E1000TransmitTest {
    private static final int SEND = E1000Driver.EOP | E1000Driver.IFCS;
    private static final int TAIL = RegisterMap.TDBAL_OFFSET + RegisterMap.RING_TAIL;
    private static final int HEAD = RegisterMap.TDBAL_OFFSET + RegisterMap.RING_HEAD;

    private final E1000Fixture machine = new E1000Fixture();
    private final E1000Driver driver = new E1000Driver(machine).start();
    private final List<byte[]> sent = machine.backend.sent;

    @Test
    void shouldSendAFrameAndReportItOnlyWhereAsked() {
        byte[] frame = Frames.toNic(100);
        long quiet = driver.putLegacy(frame, SEND);
        long reported = driver.putLegacy(frame, SEND | E1000Driver.RS);
        driver.ring();
        assertEquals(2, sent.size());
        assertArrayEquals(frame, sent.getFirst());
        assertFalse(driver.isDone(quiet));
        assertTrue(driver.isDone(reported));
        assertTrue(machine.interrupt());
        assertEquals(RegisterMap.TXDW_BIT | RegisterMap.TXQE_BIT, machine.read(RegisterMap.ICR_OFFSET));
        assertEquals(2, machine.read(HEAD));
    }

    @Test
    void shouldLeaveTheWorkToItsWorker() {
        driver.putLegacy(Frames.toNic(60), SEND);
        machine.pci.memory.dispatchWrite(E1000Fixture.BAR_0 + TAIL, 4, 1);
        assertTrue(sent.isEmpty());
        assertTrue(machine.worker.isWoken());
        machine.worker.runIfWoken();
        assertEquals(1, sent.size());
    }

    @Test
    void shouldGatherAPacketFromSeveralDescriptors() {
        byte[] frame = Frames.toNic(3000);
        driver.putLegacy(Arrays.copyOf(frame, 1), 0);
        driver.putLegacy(Arrays.copyOfRange(frame, 1, 2000), 0);
        driver.putLegacy(Arrays.copyOfRange(frame, 2000, 3000), SEND);
        driver.ring();
        assertArrayEquals(frame, sent.getFirst());
    }

    @Test
    void shouldPadShortFramesIfTold() {
        driver.putLegacy(Frames.toNic(20), SEND);
        driver.ring();
        assertEquals(60, sent.getFirst().length);
        assertEquals(0, sent.getFirst()[59]);
        machine.write(RegisterMap.TCTL_OFFSET, RegisterMap.TCTL_EN_BIT);
        driver.putLegacy(Frames.toNic(20), SEND);
        driver.ring();
        assertEquals(20, sent.get(1).length);
    }

    @Test
    void shouldGoRoundTheRingManyTimes() {
        for (int i = 0; i < 1000; i++) {
            driver.putLegacy(Frames.toNic(60 + i), SEND | E1000Driver.RS);
            driver.ring();
            assertEquals(60 + i, sent.getLast().length);
        }
        assertEquals(1000 % E1000Driver.RING_SIZE, machine.read(HEAD));
    }

    @Test
    void shouldWaitForTransmitEnableBusMasteringAndTheLink() {
        machine.write(RegisterMap.TCTL_OFFSET, 0);
        driver.putLegacy(Frames.toNic(60), SEND);
        driver.ring();
        assertTrue(sent.isEmpty());
        machine.write(RegisterMap.TCTL_OFFSET, RegisterMap.TCTL_EN_BIT);
        assertEquals(1, sent.size());
        machine.pci.write(4, 2, 3);
        driver.putLegacy(Frames.toNic(60), SEND);
        driver.ring();
        assertEquals(1, sent.size());
        machine.pci.write(4, 2, 7);
        machine.worker.runIfWoken();
        assertEquals(2, sent.size());
        machine.writePhy(0, 0x1340);
        driver.putLegacy(Frames.toNic(60), SEND);
        driver.ring();
        assertEquals(2, sent.size());
        machine.advanceMillis(500);
        assertEquals(3, sent.size());
    }

    @Test
    void shouldHoldTheRingWhileTheWireHasNoRoom() {
        machine.backend.full = true;
        for (int i = 0; i < 5; i++) {
            driver.putLegacy(Frames.toNic(60 + i), SEND);
        }
        driver.ring();
        assertEquals(1, machine.read(HEAD), "one frame is held, the others stay in the ring");
        machine.backend.full = false;
        machine.backend.device().sendReady();
        machine.worker.runIfWoken();
        assertEquals(List.of(60, 61, 62, 63, 64), sent.stream().map(frame -> frame.length).toList());
    }

    @Test
    void shouldInsertTheChecksumThatALegacyDescriptorAsksFor() {
        byte[] frame = Frames.ipv4(6, 101, true);
        long address = driver.data(frame);
        driver.put(address, frame.length | (long) (Frames.TCP + 16) << 16
                | (long) (SEND | E1000Driver.IC) << 24 | (long) Frames.TCP << 40);
        driver.ring();
        assertTrue(Frames.hasGoodTransportChecksum(sent.getFirst()));
    }

    @Test
    void shouldInsertIpAndTcpChecksumsByAContext() {
        driver.putContext(Frames.IP, Frames.TCP, Frames.TCP + 16, 3, 0, 0);
        driver.putData(Frames.ipv4(6, 1000, true), SEND, 3);
        driver.putData(Frames.ipv4(6, 33, true), SEND, 2);
        driver.ring();
        assertTrue(Frames.hasGoodIpChecksum(sent.getFirst()));
        assertTrue(Frames.hasGoodTransportChecksum(sent.getFirst()));
        assertTrue(Frames.hasGoodTransportChecksum(sent.get(1)), "the context stays");
        assertFalse(Frames.hasGoodIpChecksum(sent.get(1)), "only what is asked for");
    }

    @Test
    void shouldTakeChecksumOptionsFromTheFirstDescriptorOfAPacket() {
        byte[] frame = Frames.ipv4(6, 200, true);
        driver.putContext(Frames.IP, Frames.TCP, Frames.TCP + 16, 3, 0, 0);
        driver.putData(Arrays.copyOf(frame, 54), 0, 3);
        driver.putData(Arrays.copyOfRange(frame, 54, frame.length), SEND, 0);
        driver.ring();
        assertTrue(Frames.hasGoodIpChecksum(sent.getFirst()));
        assertTrue(Frames.hasGoodTransportChecksum(sent.getFirst()));
    }

    @Test
    void shouldNeverSendAZeroUdpChecksum() {
        byte[] frame = Frames.ipv4(17, 2, true);
        ByteBuffer data = ByteBuffer.wrap(frame);
        data.putShort(Frames.TCP + 8, (short) 0);
        int sum = Frames.sum(frame, Frames.TCP, 10);
        data.putShort(Frames.TCP + 8, (short) ~sum);
        driver.putContext(Frames.IP, Frames.TCP, Frames.TCP + 6, 2, 0, 0);
        driver.putData(frame, SEND, 3);
        driver.ring();
        assertEquals(-1, ByteBuffer.wrap(sent.getFirst()).getShort(Frames.TCP + 6));
        assertTrue(Frames.hasGoodTransportChecksum(sent.getFirst()));
    }

    @Test
    void shouldCutAPacketIntoSegmentsAsTheManualSays() {
        byte[] packet = Frames.ipv4(6, 4000, false);
        driver.putContext(Frames.IP, Frames.TCP, Frames.TCP + 16, 3 | E1000Driver.TSE, Frames.HEADER, 1460);
        driver.putData(packet, SEND | E1000Driver.TSE, 3);
        driver.ring();
        assertEquals(List.of(1514, 1514, 1134), sent.stream().map(frame -> frame.length).toList());
        for (int i = 0; i < 3; i++) {
            byte[] frame = sent.get(i);
            ByteBuffer data = ByteBuffer.wrap(frame);
            assertEquals(frame.length - 14, data.getShort(Frames.IP + 2));
            assertEquals((short) (0xFFFE + i), data.getShort(Frames.IP + 4), "identification wraps");
            assertEquals(0xFFFFFF00 + 1460 * i, data.getInt(Frames.TCP + 4), "sequence wraps");
            assertEquals(i == 2 ? 0x19 : 0x10, data.get(Frames.TCP + 13), "FIN and PSH on the last alone");
            assertTrue(Frames.hasGoodIpChecksum(frame));
            assertTrue(Frames.hasGoodTransportChecksum(frame));
            assertArrayEquals(Arrays.copyOfRange(packet, 54 + 1460 * i, 54 + 1460 * i + frame.length - 54),
                    Arrays.copyOfRange(frame, 54, frame.length));
        }
        assertEquals(1, machine.read(Statistics.TSCTC_OFFSET));
    }

    @Test
    void shouldKeepTheContextForCuttingApartFromTheOther() {
        driver.putContext(Frames.IP, Frames.TCP, Frames.TCP + 16, 3 | E1000Driver.TSE, Frames.HEADER, 100);
        driver.putContext(Frames.IP, Frames.TCP, Frames.TCP + 6, 2, 0, 0);
        driver.putData(Frames.ipv4(6, 200, false), SEND | E1000Driver.TSE, 3);
        driver.putData(Frames.ipv4(17, 200, true), SEND, 3);
        driver.ring();
        assertEquals(3, sent.size());
        sent.forEach(frame -> assertTrue(Frames.hasGoodTransportChecksum(frame)));
    }

    @Test
    void shouldCutUdpAndIpv6Too() {
        driver.putContext(Frames.IP, Frames.TCP, Frames.TCP + 6, 2 | E1000Driver.TSE, 42, 512);
        driver.putData(Frames.ipv4(17, 1024, false), SEND | E1000Driver.TSE, 3);
        byte[] packet = Frames.toNic(14 + 40 + 20 + 300);
        packet[14 + 40 + 12] = 0x50;
        driver.putContext(14, 54, 54 + 16, 1 | E1000Driver.TSE, 74, 200);
        driver.putData(packet, SEND | E1000Driver.TSE, 0);
        driver.ring();
        assertEquals(List.of(554, 554, 274, 174), sent.stream().map(frame -> frame.length).toList());
        assertTrue(Frames.hasGoodTransportChecksum(sent.get(0)));
        assertTrue(Frames.hasGoodTransportChecksum(sent.get(1)));
        assertEquals(520, ByteBuffer.wrap(sent.get(1)).getShort(Frames.TCP + 4));
        assertEquals(220, ByteBuffer.wrap(sent.get(2)).getShort(18));
        assertEquals(120, ByteBuffer.wrap(sent.get(3)).getShort(18));
    }

    @Test
    void shouldGoOnInTheMiddleOfAPacketWhenTheWireHasRoomAgain() {
        driver.putContext(Frames.IP, Frames.TCP, Frames.TCP + 16, 3 | E1000Driver.TSE, Frames.HEADER, 100);
        driver.putData(Frames.ipv4(6, 10000, false), SEND | E1000Driver.TSE, 3);
        machine.backend.full = true;
        driver.ring();
        machine.backend.full = false;
        machine.backend.device().sendReady();
        machine.worker.runIfWoken();
        assertEquals(100, sent.size());
        sent.forEach(frame -> assertTrue(Frames.hasGoodTransportChecksum(frame)));
    }

    @Test
    void shouldReadNoBufferThatTheGuestHasBack() {
        byte[] packet = Frames.ipv4(6, 4000, false);
        driver.putContext(Frames.IP, Frames.TCP, Frames.TCP + 16, 3 | E1000Driver.TSE, Frames.HEADER, 1460);
        long held = driver.data(packet);
        machine.backend.full = true;
        putPiece(held, packet.length, SEND | E1000Driver.RS);
        driver.ring();
        machine.memory.write(held, new byte[packet.length]);
        machine.backend.full = false;
        machine.backend.device().sendReady();
        machine.worker.runIfWoken();
        assertPayload(packet, 3);
    }

    @Test
    void shouldSegmentAPacketOfManyPiecesThatComeInSeveralRounds() {
        byte[] packet = Frames.ipv4(6, 4000, false);
        driver.putContext(Frames.IP, Frames.TCP, Frames.TCP + 16, 3 | E1000Driver.TSE, Frames.HEADER, 1460);
        int[] ends = {1, 40, 60, 1600, 3000, 3001, packet.length};
        for (int first : new int[] {0, 3}) {
            int start = 0;
            for (int i = 0; i < ends.length; i++) {
                long piece = driver.data(Arrays.copyOfRange(packet, start, ends[i]));
                int command = i == ends.length - 1 ? SEND : i == 4 ? E1000Driver.RS : 0;
                putPiece(piece, ends[i] - start, command);
                if (i == first) {
                    driver.ring();
                    machine.memory.write(piece, new byte[ends[i] - start]);
                }
                start = ends[i];
            }
            driver.ring();
            assertPayload(packet, 3);
            sent.clear();
        }
    }

    private void putPiece(long address, int length, int command) {
        driver.put(address, length | 1L << 20 | 3L << 40
                | (long) (command | E1000Driver.TSE | E1000Driver.DEXT) << 24);
    }

    private void assertPayload(byte[] packet, int segments) {
        assertEquals(segments, sent.size());
        int at = 54;
        for (byte[] frame : sent) {
            int length = frame.length - 54;
            assertArrayEquals(Arrays.copyOfRange(packet, at, at + length), Arrays.copyOfRange(frame, 54, 54 + length));
            assertTrue(Frames.hasGoodTransportChecksum(frame));
            at += length;
        }
        assertEquals(packet.length, at);
    }

    @Test
    void shouldInsertAVlanTagWhereTheDescriptorAndTheControllerSaySo() {
        byte[] frame = Frames.toNic(80);
        driver.put(driver.data(frame), frame.length | (long) (SEND | E1000Driver.VLE) << 24 | 0x6123L << 48);
        driver.ring();
        assertArrayEquals(frame, sent.getFirst(), "VME is off");
        machine.write(RegisterMap.CTRL_OFFSET, machine.read(RegisterMap.CTRL_OFFSET) | RegisterMap.CTRL_VME_BIT);
        driver.put(driver.data(frame), frame.length | (long) (SEND | E1000Driver.VLE) << 24 | 0x6123L << 48);
        driver.putLegacy(frame, SEND);
        driver.ring();
        assertArrayEquals(Frames.tagged(frame, 0x6123), sent.get(1));
        assertArrayEquals(frame, sent.get(2), "the tag goes with its packet");
    }

    @Test
    void shouldTagEachSegment() {
        machine.write(RegisterMap.CTRL_OFFSET, machine.read(RegisterMap.CTRL_OFFSET) | RegisterMap.CTRL_VME_BIT);
        byte[] packet = Frames.ipv4(6, 2000, false);
        driver.putContext(Frames.IP, Frames.TCP, Frames.TCP + 16, 3 | E1000Driver.TSE, Frames.HEADER, 1460);
        driver.put(driver.data(packet), packet.length | 1L << 20 | 3L << 40 | 7L << 48
                | (long) (SEND | E1000Driver.TSE | E1000Driver.VLE | E1000Driver.DEXT) << 24);
        driver.ring();
        assertEquals(List.of(1518, 598), sent.stream().map(frame -> frame.length).toList());
        sent.forEach(frame -> assertEquals(0x81000007, ByteBuffer.wrap(frame).getInt(12)));
    }

    @Test
    void shouldCountWhatItSendsAndForgetWhatWasRead() {
        driver.putLegacy(Frames.toNic(60), SEND);
        driver.putLegacy(Frames.to(Frames.mac(-1, -1, -1, -1, -1, -1), 1000), SEND);
        driver.putLegacy(Frames.to(Frames.mac(1, 0, 0x5E, 0, 0, 1), 1514), SEND);
        driver.ring();
        assertEquals(3, machine.read(Statistics.TPT_OFFSET));
        assertEquals(0, machine.read(Statistics.TPT_OFFSET));
        assertEquals(1, machine.read(Statistics.BPTC_OFFSET));
        assertEquals(1, machine.read(Statistics.MPTC_OFFSET));
        assertEquals(1, machine.read(Statistics.PTC64_OFFSET));
        assertEquals(1, machine.read(Statistics.PTC64_OFFSET + 16));
        assertEquals(1, machine.read(Statistics.PTC64_OFFSET + 20));
        assertEquals(64 + 1004 + 1518, machine.read(Statistics.TOTL_OFFSET));
        assertEquals(64 + 1004 + 1518, machine.read(Statistics.TOTL_OFFSET), "the low half stays");
        assertEquals(0, machine.read(Statistics.TOTL_OFFSET + 4));
        assertEquals(0, machine.read(Statistics.TOTL_OFFSET), "the high half clears both");
    }
}
