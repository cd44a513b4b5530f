package jkvm.device.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import jkvm.bus.FakeMsiSink;
import jkvm.tables.PlatformDescription;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PciInterruptTest {
    private static final int MSI = 0x80;
    private static final int MSIX = 0x98;
    private static final long TABLE = 0xFEB00000L;

    private final PciFixture pci = new PciFixture();
    private final FakeMsiSink sink = new FakeMsiSink();
    private final MessageDevice device = pci.plug(new MessageDevice(sink));

    private void enableMsix(int control) {
        pci.write(0x18, 4, TABLE);
        pci.enable();
        pci.write(MSIX + 2, 2, control);
    }

    private void entry(int vector, long address, int data, int control) {
        pci.memory.dispatchWrite(TABLE + 16 * vector, 8, address);
        pci.memory.dispatchWrite(TABLE + 16 * vector + 8, 4, data);
        pci.memory.dispatchWrite(TABLE + 16 * vector + 12, 4, control);
    }

    @Test
    void shouldWirePinsAsAcpiSays() {
        PlatformDescription.PciHost host =
                new PlatformDescription.PciHost(0xC0000000L, 0xFEC00000L, List.of(10, 10, 11, 11));
        for (int slot = 0; slot < 32; slot++) {
            for (int pin = 1; pin <= 4; pin++) {
                assertEquals(host.gsi(slot, pin), pci.router.irqOf(slot, pin), slot + " pin " + pin);
            }
        }
    }

    @Test
    void shouldDriveTheLineUnlessTheCommandRegisterForbidsIt() {
        device.setInterrupt(true);
        assertTrue(pci.irqs[10].level());
        assertEquals(0x18, pci.read(PciFunction.STATUS_OFFSET, 2));
        pci.write(PciFunction.COMMAND_OFFSET, 2, PciFunction.COMMAND_INTX_DISABLE_BIT);
        assertFalse(pci.irqs[10].level());
        assertEquals(0x18, pci.read(PciFunction.STATUS_OFFSET, 2), "status still tells");
        pci.write(PciFunction.COMMAND_OFFSET, 2, 0);
        assertTrue(pci.irqs[10].level());
        device.setInterrupt(false);
        assertFalse(pci.irqs[10].level());
    }

    @Test
    void shouldFollowTheRoutingRegistersOfTheIsaBridge() {
        pci.bus.add(1, 0, new IsaBridge(pci.router));
        device.setInterrupt(true);
        assertTrue(pci.irqs[10].level());
        pci.write(1, 0, IsaBridge.PIRQ_ROUTE_OFFSET, 4, 0x05050505);
        assertFalse(pci.irqs[10].level());
        assertTrue(pci.irqs[5].level());
        pci.write(1, 0, IsaBridge.PIRQ_ROUTE_OFFSET, 4, 0x80808080L);
        assertFalse(pci.irqs[5].level());
        pci.write(1, 0, IsaBridge.PIRQ_ROUTE_OFFSET, 4, 0x00020D08);
        for (int irq : new int[] {0, 2, 8, 13}) {
            assertFalse(pci.irqs[irq].level(), "not routable: " + irq);
        }
        pci.bus.functions().forEach(PciFunction::reset);
        device.setInterrupt(true);
        assertTrue(pci.irqs[10].level());
    }

    @Test
    void shouldChainCapabilities() {
        assertEquals(0x10, pci.read(PciFunction.STATUS_OFFSET, 2));
        assertEquals(MSIX, pci.read(PciFunction.CAPABILITIES_OFFSET, 1));
        assertEquals(0x8011, pci.read(MSIX, 2));
        assertEquals(0x0005, pci.read(MSI, 2));
    }

    @Test
    void shouldSendMsiWithTheVectorInTheLowBitsOfTheData() {
        pci.enable();
        pci.write(MSI + 4, 4, 0xFEE01000L);
        pci.write(MSI + 12, 2, 0x4041);
        device.msi.signal(0);
        assertEquals(List.of(), sink.take(), "not enabled");
        pci.write(MSI + 2, 2, 0x0021);
        device.setInterrupt(true);
        assertFalse(pci.irqs[10].level(), "the pin is silent");
        device.msi.signal(3);
        assertEquals(List.of("fee01000:4043"), sink.take());
        pci.write(MSI + 2, 2, 0x0001);
        device.msi.signal(3);
        assertEquals(List.of("fee01000:4041"), sink.take(), "one vector only");
        pci.write(MSI + 2, 2, 0x0000);
        assertTrue(pci.irqs[10].level());
    }

    @Test
    void shouldSendNoMessageUnlessItIsABusMaster() {
        pci.write(MSI + 4, 4, 0xFEE00000L);
        pci.write(MSI + 2, 2, 0x0001);
        pci.write(PciFunction.COMMAND_OFFSET, 2, 0);
        device.msi.signal(0);
        assertEquals(List.of(), sink.take());
        pci.enable();
        assertEquals(List.of("fee00000:0"), sink.take(), "it has waited");
    }

    @Test
    void shouldKeepAMaskedMsiPendingAndSendItOnceWhenUnmasked() {
        pci.enable();
        pci.write(MSI + 4, 4, 0xFEE00000L);
        pci.write(MSI + 16, 4, 0xFFFFFFFFL);
        assertEquals(0xF, pci.read(MSI + 16, 4), "a mask for each of four");
        pci.write(MSI + 2, 2, 0x0021);
        device.msi.signal(2);
        device.msi.signal(2);
        pci.write(MSI + 20, 4, 0);
        assertEquals(4, pci.read(MSI + 20, 4));
        assertEquals(List.of(), sink.take());
        pci.write(MSI + 16, 4, 0);
        assertEquals(List.of("fee00000:2"), sink.take());
        assertEquals(0, pci.read(MSI + 20, 4));
    }

    @Test
    void shouldSendMsixMessagesFromTheTable() {
        enableMsix(0x8000);
        entry(0, 0xFEE00000L, 0x31, 0);
        entry(2, 0xFEE01000L, 0x33, 0);
        device.setInterrupt(true);
        assertFalse(pci.irqs[10].level());
        device.msix.signal(0);
        device.msix.signal(2);
        device.msix.signal(1);
        device.msix.signal(7);
        device.msix.signal(-1);
        assertEquals(List.of("fee00000:31", "fee01000:33"), sink.take());
        int routes = sink.routes();
        pci.memory.dispatchWrite(TABLE + 12, 4, 1);
        pci.memory.dispatchWrite(TABLE + 12, 4, 0);
        assertEquals(routes, sink.routes(), "the same message is not routed again");
    }

    @Test
    void shouldHonourBothMasksOfMsixAndSendOncePendingBitsAreFreed() {
        enableMsix(0xC000);
        entry(0, 0xFEE00000L, 0x31, 0);
        entry(1, 0xFEE00000L, 0x32, 1);
        device.msix.signal(0);
        device.msix.signal(1);
        device.msix.signal(1);
        assertEquals(3, pci.memory.dispatchRead(TABLE + Msix.PENDING_OFFSET, 4));
        assertEquals(List.of(), sink.take());
        pci.write(MSIX + 2, 2, 0x8000);
        assertEquals(List.of("fee00000:31"), sink.take());
        pci.memory.dispatchWrite(TABLE + 16 + 12, 4, 0);
        assertEquals(List.of("fee00000:32"), sink.take());
        assertEquals(0, pci.memory.dispatchRead(TABLE + Msix.PENDING_OFFSET, 8));
    }

    @Test
    @DisplayName("accesses past the MSI-X table and to pending bits change nothing, unaligned read ones")
    void shouldBearHostileTableAccess() {
        enableMsix(0x8000);
        for (long offset = 0; offset < Msix.BAR_SIZE; offset += 4) {
            pci.memory.dispatchWrite(TABLE + offset, 4, 0xFFFFFFFFL);
        }
        assertEquals(0xFFFFFFFCL, pci.memory.dispatchRead(TABLE, 4));
        assertEquals(1, pci.memory.dispatchRead(TABLE + 12, 4));
        assertEquals(0, pci.memory.dispatchRead(TABLE + 48, 8));
        assertEquals(0, pci.memory.dispatchRead(TABLE + Msix.PENDING_OFFSET, 8));
        assertEquals(-1, pci.memory.dispatchRead(TABLE + 2, 4));
        assertEquals(-1, pci.memory.dispatchRead(TABLE + 4, 8));
        assertEquals(-1, pci.memory.dispatchRead(TABLE, 1));
        assertEquals(0xFFFFFFFFL, pci.memory.dispatchRead(TABLE + 0xFFE, 4), "half of it past the end");
        pci.write(MSIX + 2, 2, 0xFFFF);
        assertEquals(0xC002, pci.read(MSIX + 2, 2), "the table's size is read-only");
        pci.write(MSIX + 4, 8, -1);
        assertEquals(2, pci.read(MSIX + 4, 4));
        assertEquals(0x802, pci.read(MSIX + 8, 4));
    }
}
