package jkvm.device.pci;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.bus.FakeMsiSink;
import jkvm.bus.StateRoundTrip;
import jkvm.device.testdev.PciTestdev;
import jkvm.state.StateBuffer;
import jkvm.state.StateException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PciConfigTest {
    private final PciFixture pci = new PciFixture();

    @Test
    void shouldShowTheChipsetThatFirmwareAndLinuxExpect() {
        pci.bus.add(0, 0, new HostBridge((register, value) -> { }));
        pci.bus.add(1, 0, new IsaBridge(pci.router));
        pci.bus.add(1, 3, new AcpiFunction(0x600, true, false));
        assertEquals(0x12378086, pci.read(0, 0, 0, 4));
        assertEquals(0x70008086, pci.read(1, 0, 0, 4));
        assertEquals(0x71138086, pci.read(1, 3, 0, 4));
        assertEquals(0x0601, pci.read(1, 0, 0x0A, 2));
        assertEquals(0x80, pci.read(1, 0, PciFunction.HEADER_TYPE_OFFSET, 1), "multifunction");
        assertEquals(0, pci.read(0, 0, PciFunction.HEADER_TYPE_OFFSET, 1), "one function");
        pci.write(1, 3, AcpiFunction.PM_BASE_OFFSET, 4, 0x4001);
        assertEquals(0x601, pci.read(1, 3, AcpiFunction.PM_BASE_OFFSET, 4), "the block does not move");
        pci.write(0, 0, HostBridge.PAM_0_OFFSET, 1, 0xFF);
        assertEquals(0x30, pci.read(0, 0, HostBridge.PAM_0_OFFSET, 1), "PAM0 has an upper half only");
    }

    @Test
    @DisplayName("absent functions, other buses and an address without the enable bit read as all ones")
    void shouldReadAllOnesWhereNothingIs() {
        pci.plug(new PciTestdev("testdev"));
        assertEquals(0xFFFFFFFFL, pci.read(6, 0, 0, 4));
        assertEquals(0xFFFF, pci.read(5, 1, 0, 2));
        pci.write(6, 0, 4, 4, 0xFFFFFFFFL);
        pci.ports.dispatchWrite(0xCF8, 4, 0x80012800L);
        assertEquals(0xFFFFFFFFL, pci.ports.dispatchRead(0xCFC, 4) & 0xFFFFFFFFL, "bus 1");
        pci.ports.dispatchWrite(0xCF8, 4, 0x00002800);
        assertEquals(0xFFFFFFFFL, pci.ports.dispatchRead(0xCFC, 4) & 0xFFFFFFFFL, "not enabled");
        pci.ports.dispatchWrite(0xCFC, 4, 0xFFFFFFFFL);
        assertEquals(-1, pci.bus.readConfig(0, 5 << 3, 256, 1), "past the end");
        assertEquals(-1, pci.bus.readConfig(0, 5 << 3, 254, 4), "across the end");
        pci.bus.writeConfig(0, 5 << 3, 254, 4, 0);
        assertEquals(0x00051B36, pci.read(0, 4));
    }

    @Test
    void shouldKeepTheAddressRegisterForDoubleWordsAndTheResetControlForABytes() {
        pci.ports.dispatchWrite(0xCF8, 4, 0x80002800L);
        pci.ports.dispatchWrite(0xCFB, 1, 0x01);
        pci.ports.dispatchWrite(0xCF8, 2, 0);
        assertEquals(0x80002800L, pci.ports.dispatchRead(0xCF8, 4));
        pci.ports.dispatchWrite(0xCF9, 1, 0x06);
        assertEquals(1, pci.control.resets());
        pci.ports.dispatchWrite(0xCF8, 4, 0x80000600L);
        assertEquals(1, pci.control.resets(), "a double word is an address");
        assertEquals(0x02, pci.ports.dispatchRead(0xCF9, 1));
    }

    @Test
    void shouldFindNothingInAByteOfTheAddressPortWithoutAResetControl() {
        PciConfigPorts ports = new PciConfigPorts(pci.bus);
        ports.addressPort().write(0, 4, 0x80002800L);
        ports.addressPort().write(1, 1, 0x06);
        assertEquals(-1, ports.addressPort().read(1, 1));
        assertEquals(0x80002800L, ports.addressPort().read(0, 4));
    }

    @Test
    void shouldWriteOnlyWhatIsWritable() {
        pci.plug(new PciTestdev("testdev"));
        for (int offset = 0; offset < 256; offset += 4) {
            if (offset < 0x10 || offset > 0x14) {
                pci.write(offset, 4, 0xFFFFFFFFL);
            }
        }
        assertEquals(0x00051B36, pci.read(0, 4));
        assertEquals(0x0547, pci.read(4, 4), "command; no status bit can be set");
        assertEquals(0x00FF0000, pci.read(8, 4));
        assertEquals(0xFFFF, pci.read(0x0C, 4), "cache line and latency");
        assertEquals(0x11001AF4, pci.read(0x2C, 4));
        assertEquals(0xFF, pci.read(0x3C, 4), "line, no pin");
        assertEquals(0, pci.read(0x40, 4));
    }

    @Test
    void shouldRefuseASecondFunctionInAPlace() {
        pci.plug(new PciTestdev("first"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> pci.plug(new PciTestdev("second"))).getMessage()
                .contains("05.0 has first"));
    }

    @Test
    void shouldCarryConfigurationAndMessagesIntoAnotherMachine() {
        MessageDevice from = pci.plug(new MessageDevice(new FakeMsiSink()));
        pci.write(0x18, 4, 0xFEB00000L);
        pci.write(0x84, 4, 0xFEE00000L);
        pci.enable();
        pci.memory.dispatchWrite(0xFEB00010L, 4, 0xFEE01000L);
        from.setInterrupt(true);
        PciFixture other = new PciFixture();
        MessageDevice to = other.plug(new MessageDevice(new FakeMsiSink()));
        StateRoundTrip.copy(from, to);
        assertEquals(0xFEB00000L, other.read(0x18, 4));
        assertEquals(0xFEE01000L, other.memory.dispatchRead(0xFEB00010L, 4));
        assertTrue(other.irqs[10].level() || other.irqs[11].level());
        assertThrows(StateException.class, () -> {
            StateBuffer state = new StateBuffer("i440fx");
            new HostBridge((register, value) -> { }).save(state);
            new IsaBridge(pci.router).load(new StateBuffer("i440fx", state.toByteArray()));
        });
        pci.configPorts.addressPort().write(0, 4, 0x80001234L);
        StateRoundTrip.copy(pci.configPorts, other.configPorts);
        assertEquals(0x80001234L, other.ports.dispatchRead(0xCF8, 4));
    }

    @Test
    void shouldAnnouncePamRegistersWhenTheyAreWrittenResetAndLoaded() {
        int[] pam = new int[HostBridge.PAM_COUNT];
        HostBridge bridge = pci.plug(new HostBridge((register, value) -> pam[register] = value));
        pci.write(0x58, 4, 0x3333FFFFL);
        assertArrayEquals(new int[] {0x30, 0x33, 0x33, 0, 0, 0, 0}, pam);
        int[] otherPam = new int[HostBridge.PAM_COUNT];
        StateRoundTrip.copy(bridge, new HostBridge((register, value) -> otherPam[register] = value));
        assertArrayEquals(pam, otherPam);
        bridge.reset();
        assertArrayEquals(new int[HostBridge.PAM_COUNT], pam);
    }
}
