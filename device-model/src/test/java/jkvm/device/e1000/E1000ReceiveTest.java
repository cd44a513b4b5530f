package jkvm.device.e1000;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;
import jkvm.host.net.Frames;
import jkvm.host.net.NetFrame;
import org.junit.jupiter.api.Test;

class E1000ReceiveTest {
    private static final byte[] BROADCAST = Frames.mac(-1, -1, -1, -1, -1, -1);
    private static final byte[] MULTICAST = Frames.mac(1, 0, 0x5E, 0x12, 0x34, 0x56);
    private static final byte[] OTHER = Frames.mac(2, 2, 2, 2, 2, 2);
    private static final int BAM = RegisterMap.RCTL_BAM_BIT;

    private final E1000Fixture machine = new E1000Fixture();
    private final E1000Driver driver = new E1000Driver(machine).start();

    private boolean passes(byte[] frame) {
        assertTrue(machine.backend.offer(frame));
        return driver.take() != null;
    }

    @Test
    void shouldStoreAFrameWithItsChecksumAndInterrupt() {
        machine.read(RegisterMap.ICR_OFFSET);
        byte[] frame = Frames.toNic(100);
        assertTrue(machine.backend.offer(frame));
        assertEquals(RegisterMap.RXT0_BIT, machine.read(RegisterMap.ICR_OFFSET) & RegisterMap.RXT0_BIT);
        byte[] stored = driver.take();
        assertEquals(104, stored.length);
        assertArrayEquals(frame, Arrays.copyOf(stored, 100));
        CRC32 crc = new CRC32();
        crc.update(frame);
        assertEquals((int) crc.getValue(), ByteBuffer.wrap(stored).order(ByteOrder.LITTLE_ENDIAN).getInt(100));
    }

    @Test
    void shouldPadShortFramesAndLeaveTheChecksumOutIfTold() {
        driver.setUpReceive(RegisterMap.RCTL_SECRC_BIT);
        assertTrue(machine.backend.offer(Frames.toNic(42)));
        byte[] stored = driver.take();
        assertEquals(60, stored.length);
        assertEquals(0, stored[59]);
    }

    @Test
    void shouldSpreadAFrameOverBuffersWithTheEndMarkedOnTheLastAlone() {
        driver.setUpReceive(RegisterMap.RCTL_LPE_BIT);
        byte[] frame = Frames.toNic(9014);
        assertTrue(machine.backend.offer(frame));
        for (int i = 0; i < 5; i++) {
            int status = machine.memory.readByte(E1000Driver.RECEIVE_RING + 16 * i + 12);
            assertEquals(i == 4 ? 3 : 1, status & 3);
        }
        assertArrayEquals(frame, Arrays.copyOf(driver.take(), 9014));
        assertEquals(5, machine.read(RegisterMap.RDBAL_OFFSET + RegisterMap.RING_HEAD));
    }

    @Test
    void shouldKnowAllBufferSizes() {
        int[] codes = {0, 1, 2, 3};
        int[] sizes = {2048, 1024, 512, 256};
        int[] extended = {2048, 16384, 8192, 4096};
        for (int i = 0; i < 4; i++) {
            assertEquals(sizes[i], Receiver.bufferSize(codes[i] << 16));
            assertEquals(extended[i], Receiver.bufferSize(codes[i] << 16 | RegisterMap.RCTL_BSEX_BIT));
        }
    }

    @Test
    void shouldPassOnlyFramesForTheGuest() {
        driver.setUpReceive(0);
        assertTrue(passes(Frames.toNic(60)));
        assertFalse(passes(Frames.to(OTHER, 60)));
        assertFalse(passes(Frames.to(BROADCAST, 60)));
        assertFalse(passes(Frames.to(MULTICAST, 60)));
        driver.setUpReceive(BAM);
        assertTrue(passes(Frames.to(BROADCAST, 60)));
        driver.setUpReceive(RegisterMap.RCTL_UPE_BIT);
        assertTrue(passes(Frames.to(OTHER, 60)));
        assertFalse(passes(Frames.to(MULTICAST, 60)));
        driver.setUpReceive(RegisterMap.RCTL_MPE_BIT);
        assertTrue(passes(Frames.to(MULTICAST, 60)));
        assertFalse(passes(Frames.to(OTHER, 60)));
    }

    @Test
    void shouldMatchFurtherAddressesOnlyWhileTheyAreValid() {
        machine.write(RegisterMap.RAL_OFFSET + 15 * 8, 0x02020202);
        machine.write(RegisterMap.RAL_OFFSET + 15 * 8 + 4, 0x0202);
        assertFalse(passes(Frames.to(OTHER, 60)));
        machine.write(RegisterMap.RAL_OFFSET + 15 * 8 + 4, 0x80000202);
        assertTrue(passes(Frames.to(OTHER, 60)));
    }

    @Test
    void shouldHashMulticastAddressesInAllFourWays() {
        int[] shifts = {4, 3, 2, 0};
        for (int mode = 0; mode < 4; mode++) {
            driver.setUpReceive(mode << RegisterMap.RCTL_MO_SHIFT);
            int hash = 0x5634 >> shifts[mode] & 0xFFF;
            int register = RegisterMap.MTA_OFFSET + 4 * (hash >> 5);
            assertFalse(passes(Frames.to(MULTICAST, 60)));
            machine.write(register, 1 << (hash & 31));
            assertTrue(passes(Frames.to(MULTICAST, 60)));
            assertTrue((driver.taken >>> 32 & 0x80) != 0, "passed by the inexact filter");
            machine.write(register, 0);
        }
    }

    @Test
    void shouldFilterVlansAndStripTheirTags() {
        byte[] frame = Frames.toNic(100);
        driver.setUpReceive(RegisterMap.RCTL_VFE_BIT | RegisterMap.RCTL_SECRC_BIT);
        assertFalse(passes(Frames.tagged(frame, 0x0123)));
        machine.write(RegisterMap.VFTA_OFFSET + 4 * (0x123 >> 5), 1 << (0x123 & 31));
        assertTrue(machine.backend.offer(Frames.tagged(frame, 0x6123)));
        assertArrayEquals(Frames.tagged(frame, 0x6123), driver.take());
        machine.write(RegisterMap.CTRL_OFFSET, machine.read(RegisterMap.CTRL_OFFSET) | RegisterMap.CTRL_VME_BIT);
        assertTrue(machine.backend.offer(Frames.tagged(frame, 0x6123)));
        assertArrayEquals(frame, driver.take());
        assertEquals(0x6123, driver.taken >>> 48);
        assertTrue((driver.taken >>> 32 & 8) != 0);
        assertTrue(passes(frame), "untagged frames pass");
        assertEquals(0, driver.taken >>> 32 & 8);
    }

    @Test
    void shouldSayWhichChecksumsAreGood() {
        byte[] frame = Frames.ipv4(6, 100, true);
        assertTrue(passes(frame));
        assertTrue((driver.taken >>> 32 & 4) != 0, "not looked at");
        machine.write(RegisterMap.RXCSUM_OFFSET, 0x300);
        assertTrue(passes(frame));
        assertEquals(0x60, driver.taken >>> 32 & 0x64);
        assertEquals(0x60, driver.taken >>> 40 & 0x60, "both wrong");
        ByteBuffer data = ByteBuffer.wrap(frame);
        data.putShort(24, (short) ~Frames.sum(frame, 14, 20));
        data.putShort(50, (short) ~Frames.sum(frame, 34, 120));
        assertTrue(passes(frame));
        assertEquals(0x60, driver.taken >>> 32 & 0x64);
        assertEquals(0, driver.taken >>> 40 & 0x60, "both right");
        assertTrue(passes(Frames.toNic(100)));
        assertTrue((driver.taken >>> 32 & 4) != 0, "not IP");
    }

    @Test
    void shouldGiveTheSumOfThePacketFromTheByteThatTheDriverNames() {
        machine.write(RegisterMap.RXCSUM_OFFSET, 14);
        byte[] frame = Frames.toNic(100);
        assertTrue(passes(frame));
        assertEquals(Frames.sum(frame, 14, 86), driver.taken >>> 16 & 0xFFFF);
    }

    @Test
    void shouldGiveTheSameSumWhetherItHasCheckedThePacketOrTrustsIt() {
        for (int payload : new int[] {0, 1, 7, 100, 101}) {
            byte[] frame = Frames.ipv4(6, payload, true);
            ByteBuffer data = ByteBuffer.wrap(frame);
            data.putShort(24, (short) ~Frames.sum(frame, 14, 20));
            data.putShort(50, (short) ~Frames.sum(frame, 34, 20 + payload));
            driver.setUpReceive(0);
            for (int first : new int[] {0, 13, 14, 34, 35, 50, 254}) {
                machine.write(RegisterMap.RXCSUM_OFFSET, 0x300 | first);
                byte[] stored = Arrays.copyOf(frame, Math.max(60, frame.length));
                int sum = first < stored.length ? Frames.sum(stored, first, stored.length - first) : 0;
                for (boolean trusted : new boolean[] {false, true}) {
                    NetFrame offered = machine.backend.frame(frame);
                    offered.setChecksumValid(trusted);
                    assertTrue(machine.backend.device().receive(offered));
                    assertNotNull(driver.take());
                    assertEquals(sum, driver.taken >>> 16 & 0xFFFF, "payload " + payload + " from " + first);
                    assertEquals(0x60, driver.taken >>> 32 & 0x64);
                    assertEquals(0, driver.taken >>> 40 & 0x60);
                }
            }
        }
    }

    @Test
    void shouldHaveTheWireWaitWhileTheRingIsFull() {
        driver.giveBack(1);
        assertTrue(machine.backend.offer(Frames.toNic(60)));
        assertFalse(machine.backend.offer(Frames.toNic(60)));
        assertEquals(0, machine.backend.readyCalls);
        assertEquals(0, machine.read(Statistics.MPC_OFFSET), "nothing is lost");
        driver.giveBack(3);
        assertEquals(1, machine.backend.readyCalls);
        assertTrue(machine.backend.offer(Frames.toNic(60)));
        assertTrue(machine.backend.offer(Frames.toNic(60)));
        assertFalse(machine.backend.offer(Frames.toNic(60)));
    }

    @Test
    void shouldNotStorePartOfAFrameThatNeedsMoreBuffersThanThereAre() {
        driver.setUpReceive(RegisterMap.RCTL_LPE_BIT);
        driver.giveBack(2);
        assertFalse(machine.backend.offer(Frames.toNic(5000)));
        assertNull(driver.take());
        driver.giveBack(3);
        assertTrue(machine.backend.offer(Frames.toNic(5000)));
        assertNotNull(driver.take());
    }

    @Test
    void shouldHaveTheWireWaitForBusMasteringAndNegotiationButNotForADriver() {
        machine.pci.write(4, 2, 3);
        assertFalse(machine.backend.offer(Frames.toNic(60)));
        machine.pci.write(4, 2, 7);
        machine.worker.runIfWoken();
        assertEquals(1, machine.backend.readyCalls);
        machine.writePhy(0, 0x1340);
        assertFalse(machine.backend.offer(Frames.toNic(60)));
        machine.advanceMillis(500);
        assertEquals(2, machine.backend.readyCalls);
        assertTrue(passes(Frames.toNic(60)));
        machine.write(RegisterMap.RCTL_OFFSET, 0);
        assertTrue(machine.backend.offer(Frames.toNic(60)));
        assertNull(driver.take());
        assertEquals(1, machine.read(Statistics.TPR_OFFSET));
    }

    @Test
    void shouldLetTheWireGoOnAfterAReset() {
        driver.giveBack(0);
        assertFalse(machine.backend.offer(Frames.toNic(60)));
        driver.reset();
        assertEquals(1, machine.backend.readyCalls);
        assertTrue(machine.backend.offer(Frames.toNic(60)), "nobody listens");
    }

    @Test
    void shouldSendToItselfInLoopback() {
        byte[] frame = Frames.toNic(100);
        machine.write(RegisterMap.RCTL_OFFSET, RegisterMap.RCTL_EN_BIT | RegisterMap.RCTL_LBM_MAC << 6);
        driver.putLegacy(frame, E1000Driver.EOP);
        driver.ring();
        assertArrayEquals(frame, Arrays.copyOf(driver.take(), 100));
        machine.write(RegisterMap.RCTL_OFFSET, RegisterMap.RCTL_EN_BIT);
        machine.writePhy(0, 0x4140);
        driver.putLegacy(frame, E1000Driver.EOP);
        driver.ring();
        assertArrayEquals(frame, Arrays.copyOf(driver.take(), 100));
        assertTrue(machine.backend.sent.isEmpty());
        assertTrue(machine.backend.offer(frame));
        assertNull(driver.take(), "the wire is cut off");
    }

    @Test
    void shouldCountWhatItReceives() {
        passes(Frames.toNic(60));
        passes(Frames.to(BROADCAST, 124));
        assertEquals(2, machine.read(Statistics.GPRC_OFFSET));
        assertEquals(1, machine.read(Statistics.BPRC_OFFSET));
        assertEquals(1, machine.read(Statistics.PRC64_OFFSET));
        assertEquals(1, machine.read(Statistics.PRC64_OFFSET + 8));
        assertEquals(64 + 128, machine.read(Statistics.TORL_OFFSET));
    }
}
