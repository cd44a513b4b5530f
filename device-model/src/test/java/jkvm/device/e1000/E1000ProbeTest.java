package jkvm.device.e1000;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.bus.StateRoundTrip;
import jkvm.host.net.Frames;
import org.junit.jupiter.api.Test;

/** Registers that a driver finds before there is any traffic, and the effects of resets. */
class E1000ProbeTest {
    private static final int RAL = RegisterMap.RAL_OFFSET;

    private final E1000Fixture machine = new E1000Fixture();
    private final E1000Driver driver = new E1000Driver(machine);

    @Test
    void shouldBeAnIntel82540EMWithBothBarsAndAnInterruptPin() {
        assertEquals(0x100E8086L, machine.pci.read(0, 4));
        assertEquals(0x02000003L, machine.pci.read(8, 4));
        assertEquals(0x11001AF4L, machine.pci.read(0x2C, 4));
        assertEquals(1, machine.pci.read(0x3D, 1));
        machine.pci.write(0x10, 4, 0xFFFFFFFFL);
        machine.pci.write(0x14, 4, 0xFFFFFFFFL);
        assertEquals(0xFFFE0000L, machine.pci.read(0x10, 4));
        assertEquals(0xFFFFFFC1L, machine.pci.read(0x14, 4));
    }

    @Test
    void shouldReadItsEepromBitByBitWithTheChecksumThatDriversDemand() {
        int sum = 0;
        for (int i = 0; i < 64; i++) {
            sum += driver.readEeprom(i);
        }
        assertEquals(0xBABA, sum & 0xFFFF);
        assertEquals(0x5452, driver.readEeprom(0));
        assertEquals(0x1200, driver.readEeprom(1));
        assertEquals(0x5634, driver.readEeprom(2));
    }

    @Test
    void shouldReadTheSameWordsByEerd() {
        for (int i = 0; i < 64; i++) {
            machine.write(RegisterMap.EERD_OFFSET, i << 8 | 1);
            int value = machine.read(RegisterMap.EERD_OFFSET);
            assertTrue((value & 0x10) != 0, "done");
            assertEquals(driver.readEeprom(i), value >>> 16);
        }
        machine.write(RegisterMap.EERD_OFFSET, 0xFF << 8 | 1);
        assertEquals(0xFF10, machine.read(RegisterMap.EERD_OFFSET), "past the end");
    }

    @Test
    void shouldHaveItsAddressInTheFirstReceiveAddress() {
        assertEquals(0x12005452, machine.read(RAL));
        assertEquals(0x80005634, machine.read(RAL + 4));
    }

    @Test
    void shouldShowAnM88E1011AtAddressOneAndAnErrorElsewhere() {
        assertEquals(0x0141, machine.readPhy(2));
        assertEquals(0x0C20, machine.readPhy(3));
        machine.write(RegisterMap.MDIC_OFFSET, Phy.MDIC_READ << 26 | 2 << 21 | 2 << 16);
        assertTrue((machine.read(RegisterMap.MDIC_OFFSET) & Phy.MDIC_ERROR_BIT) != 0);
        assertTrue((machine.read(RegisterMap.MDIC_OFFSET) & Phy.MDIC_READY_BIT) != 0);
        machine.write(RegisterMap.MDIC_OFFSET, Phy.MDIC_INTERRUPT_BIT | Phy.MDIC_READ << 26 | 1 << 21);
        assertEquals(RegisterMap.MDAC_BIT, machine.read(RegisterMap.ICR_OFFSET));
    }

    @Test
    void shouldHaveTheLinkUpAtPowerOn() {
        assertTrue((machine.read(RegisterMap.STATUS_OFFSET) & RegisterMap.STATUS_LU_BIT) != 0);
        assertEquals(0x24, machine.readPhy(1) & 0x24);
        assertEquals(0xAC00, machine.readPhy(17));
    }

    @Test
    void shouldNegotiateForHalfASecondAndThenReportTheLink() {
        machine.write(RegisterMap.IMS_OFFSET, RegisterMap.LSC_BIT);
        machine.writePhy(0, 0x1340);
        assertEquals(0, machine.read(RegisterMap.STATUS_OFFSET) & RegisterMap.STATUS_LU_BIT);
        assertEquals(0, machine.readPhy(1) & 0x24);
        assertEquals(0x1140, machine.readPhy(0), "the restart bit clears itself");
        machine.advanceMillis(499);
        assertFalse(machine.interrupt());
        machine.advanceMillis(1);
        assertTrue(machine.interrupt());
        assertEquals(RegisterMap.LSC_BIT, machine.read(RegisterMap.ICR_OFFSET));
        assertEquals(0x24, machine.readPhy(1) & 0x24);
        assertTrue((machine.read(RegisterMap.STATUS_OFFSET) & RegisterMap.STATUS_LU_BIT) != 0);
    }

    @Test
    void shouldResetThePhyByItsOwnBitAndByThatOfTheController() {
        machine.writePhy(4, 1);
        machine.writePhy(0, 0x8000);
        assertEquals(0x0DE1, machine.readPhy(4));
        machine.advanceMillis(500);
        machine.writePhy(4, 1);
        machine.write(RegisterMap.CTRL_OFFSET, RegisterMap.CTRL_PHY_RST_BIT);
        assertEquals(0x0DE1, machine.readPhy(4));
        assertEquals(0, machine.read(RegisterMap.STATUS_OFFSET) & RegisterMap.STATUS_LU_BIT);
        machine.advanceMillis(500);
        assertTrue((machine.read(RegisterMap.STATUS_OFFSET) & RegisterMap.STATUS_LU_BIT) != 0);
    }

    @Test
    void shouldLoseTheLinkWithThePowerOfThePhyOrTheCable() {
        machine.writePhy(0, 0x1940);
        assertEquals(0, machine.read(RegisterMap.STATUS_OFFSET) & RegisterMap.STATUS_LU_BIT);
        machine.writePhy(0, 0x1140);
        machine.advanceMillis(500);
        assertTrue((machine.read(RegisterMap.STATUS_OFFSET) & RegisterMap.STATUS_LU_BIT) != 0);
        machine.read(RegisterMap.ICR_OFFSET);
        machine.nic.setCarrier(false);
        assertEquals(RegisterMap.LSC_BIT, machine.read(RegisterMap.ICR_OFFSET));
        machine.writePhy(0, 0x1340);
        machine.advanceMillis(1000);
        assertEquals(0, machine.read(RegisterMap.STATUS_OFFSET) & RegisterMap.STATUS_LU_BIT);
        machine.nic.setCarrier(true);
        assertTrue((machine.read(RegisterMap.STATUS_OFFSET) & RegisterMap.STATUS_LU_BIT) != 0);
    }

    @Test
    void shouldResetTheControllerThroughTheIoWindowAndKeepThePhy() {
        machine.writePhy(4, 0x01E1);
        machine.write(RegisterMap.RCTL_OFFSET, 0x8002);
        machine.write(RegisterMap.IMS_OFFSET, -1);
        machine.write(RegisterMap.ICS_OFFSET, 4);
        machine.write(RAL, 0);
        machine.write(RegisterMap.TDBAL_OFFSET, 0x12345);
        driver.reset();
        assertEquals(0, machine.read(RegisterMap.RCTL_OFFSET));
        assertEquals(0, machine.read(RegisterMap.IMS_OFFSET));
        assertEquals(0, machine.read(RegisterMap.TDBAL_OFFSET));
        assertEquals(0x12005452, machine.read(RAL));
        assertEquals(0, machine.read(RegisterMap.CTRL_OFFSET) & RegisterMap.CTRL_RST_BIT);
        assertEquals(0x01E1, machine.readPhy(4));
        assertFalse(machine.interrupt());
    }

    @Test
    void shouldReachTheSameRegistersThroughPorts() {
        machine.writeByPorts(RegisterMap.WUFC_OFFSET, 0xFF);
        assertEquals(0xFF, machine.read(RegisterMap.WUFC_OFFSET));
        assertEquals(0xFF, machine.pci.ports.dispatchRead(E1000Fixture.BAR_1 + 4, 4));
        assertEquals(RegisterMap.WUFC_OFFSET, machine.pci.ports.dispatchRead(E1000Fixture.BAR_1, 4));
        machine.pci.ports.dispatchWrite(E1000Fixture.BAR_1, 4, 0x80000);
        assertEquals(0, machine.pci.ports.dispatchRead(E1000Fixture.BAR_1 + 4, 4), "there is no flash");
    }

    @Test
    void shouldHave32BitRegistersOfWhichUnknownOnesReadZero() {
        machine.write(RegisterMap.WUPM_OFFSET, 0x12345678);
        assertEquals(0x34, machine.pci.memory.dispatchRead(E1000Fixture.BAR_0 + RegisterMap.WUPM_OFFSET + 2, 1) & 0xFF);
        machine.pci.memory.dispatchWrite(E1000Fixture.BAR_0 + RegisterMap.WUPM_OFFSET, 1, 0xFF);
        assertEquals(0x12345678, machine.read(RegisterMap.WUPM_OFFSET));
        machine.pci.memory.dispatchWrite(E1000Fixture.BAR_0 + RegisterMap.WUPM_OFFSET, 8, 0x1111111122222222L);
        assertEquals(0x22222222, machine.read(RegisterMap.WUPM_OFFSET));
        assertEquals(0x11111111, machine.read(RegisterMap.WUPM_OFFSET + 4));
        machine.write(0x1F000, -1);
        assertEquals(0, machine.read(0x1F000));
        assertEquals(0, machine.read(0x5404 + 0x200 - 4));
    }

    @Test
    void shouldKeepWakeUpRegisters() {
        for (int offset : new int[] {RegisterMap.WUC_OFFSET, RegisterMap.WUFC_OFFSET, RegisterMap.IPAV_OFFSET,
                RegisterMap.IP4AT_OFFSET, RegisterMap.IP6AT_OFFSET, RegisterMap.FFLT_OFFSET, RegisterMap.FFMT_OFFSET,
                RegisterMap.FFVT_OFFSET}) {
            machine.write(offset, 0xA5A5A5A5);
            assertEquals(0xA5A5A5A5, machine.read(offset), () -> Integer.toHexString(offset));
        }
    }

    @Test
    void shouldCarryItsStateIntoAnotherMachineInTheMiddleOfAPacket() {
        driver.start();
        driver.putLegacy(Frames.toNic(40), E1000Driver.RS);
        driver.ring();
        machine.write(RegisterMap.ITR_OFFSET, 100);
        machine.writePhy(0, 0x1340);
        machine.advanceMillis(100);
        E1000Fixture other = new E1000Fixture();
        byte[] ram = new byte[E1000Fixture.MEMORY_SIZE];
        machine.memory.read(0, ram, 0, ram.length);
        other.memory.write(0, ram);
        StateRoundTrip.copy(machine.nic, other.nic);
        other.advanceMillis(400);
        assertTrue(other.interrupt(), "the link came up");
        byte[] rest = Frames.toNic(60);
        other.memory.write(0x80000, rest);
        other.memory.writeLong(E1000Driver.TRANSMIT_RING + 16, 0x80000);
        other.memory.writeLong(E1000Driver.TRANSMIT_RING + 24, rest.length | (long) E1000Driver.EOP << 24);
        other.write(RegisterMap.TDBAL_OFFSET + RegisterMap.RING_TAIL, 2);
        assertEquals(1, other.backend.sent.size());
        assertEquals(100, other.backend.sent.getFirst().length);
        assertTrue(other.backend.offer(Frames.toNic(60)));
        E1000Driver there = new E1000Driver(other);
        assertNotNull(there.take());
    }

    @Test
    void shouldKeepAFrameThatTheWireHadNoRoomFor() {
        driver.start();
        machine.backend.full = true;
        byte[] frame = Frames.toNic(99);
        driver.putLegacy(frame, E1000Driver.EOP | E1000Driver.RS);
        driver.ring();
        E1000Fixture other = new E1000Fixture();
        StateRoundTrip.copy(machine.nic, other.nic);
        other.worker.runIfWoken();
        assertArrayEquals(frame, other.backend.sent.getFirst());
    }
}
