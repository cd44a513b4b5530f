package jkvm.device.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import jkvm.host.net.Frames;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class VirtioNetControlTest {
    private static final byte[] OTHER = Frames.mac(0x52, 0x54, 0, 1, 2, 3);
    private static final byte[] GROUP = Frames.mac(1, 0, 0x5E, 1, 2, 3);
    private static final byte[] ALL = Frames.mac(-1, -1, -1, -1, -1, -1);

    private final NetFixture machine = new NetFixture().start();

    private boolean passes(byte[] frame) {
        machine.offer(2048);
        assertTrue(machine.backend.offer(frame));
        NetFixture.Received received = machine.take();
        if (received == null) {
            // Uses the buffer up.
            boolean promiscuous = machine.command(ControlQueue.RX_CLASS, ReceiveFilter.PROMISCUOUS, (byte) 1) == 0;
            assertTrue(promiscuous && machine.backend.offer(frame) && machine.take() != null);
            machine.setMode(ReceiveFilter.PROMISCUOUS, false);
        }
        return received != null;
    }

    private boolean passesTo(byte[] address) {
        return passes(Frames.to(address, 60));
    }

    private boolean passesTagged(int vlan) {
        return passes(Frames.tagged(Frames.toNic(60), vlan));
    }

    private static byte[] tables(byte[][] unicast, byte[][] multicast) {
        ByteBuffer data = ByteBuffer.allocate(8 + 6 * (unicast.length + multicast.length))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (byte[][] table : new byte[][][] {unicast, multicast}) {
            data.putInt(table.length);
            for (byte[] address : table) {
                data.put(address);
            }
        }
        return data.array();
    }

    private int setTables(byte[][] unicast, byte[][] multicast) {
        return machine.command(ControlQueue.MAC_CLASS, ControlQueue.MAC_TABLE_SET, tables(unicast, multicast));
    }

    private static byte[][] many(int count, byte[] like) {
        byte[][] addresses = new byte[count][];
        for (int i = 0; i < count; i++) {
            addresses[i] = like.clone();
            addresses[i][5] = (byte) (100 + i);
        }
        return addresses;
    }

    private int setVlan(int command, int vlan) {
        return machine.command(ControlQueue.VLAN_CLASS, command, (byte) vlan, (byte) (vlan >>> 8));
    }

    @Test
    void shouldLetAllFramesPassUntilTheDriverSetsAMode() {
        assertTrue(passesTo(OTHER) && passesTo(GROUP) && passesTo(ALL) && passesTagged(5));
        machine.setMode(ReceiveFilter.PROMISCUOUS, false);
        assertTrue(!passesTo(OTHER) && !passesTo(GROUP) && !passesTagged(5));
        assertTrue(passesTo(Frames.MAC) && passesTo(ALL));
        machine.start();
        assertTrue(passesTo(OTHER), "a reset puts the mode back");
    }

    @Test
    void shouldFollowTheModes() {
        machine.setMode(ReceiveFilter.PROMISCUOUS, false);
        machine.setMode(ReceiveFilter.ALL_MULTICAST, true);
        assertTrue(passesTo(GROUP) && !passesTo(OTHER));
        machine.setMode(ReceiveFilter.NO_MULTICAST, true);
        assertTrue(!passesTo(GROUP) && passesTo(ALL));
        machine.setMode(ReceiveFilter.ALL_UNICAST, true);
        assertTrue(passesTo(OTHER));
        machine.setMode(ReceiveFilter.NO_UNICAST, true);
        assertTrue(!passesTo(OTHER) && !passesTo(Frames.MAC));
        machine.setMode(ReceiveFilter.NO_BROADCAST, true);
        assertTrue(!passesTo(ALL));
        machine.setMode(ReceiveFilter.PROMISCUOUS, true);
        assertTrue(passesTo(ALL) && passesTo(Frames.MAC) && passesTo(GROUP));
    }

    @Test
    void shouldLetAddressesOfTheTablesPass() {
        machine.setMode(ReceiveFilter.PROMISCUOUS, false);
        assertEquals(ControlQueue.OK, setTables(new byte[][] {OTHER}, new byte[][] {GROUP}));
        assertTrue(passesTo(OTHER) && passesTo(GROUP));
        assertTrue(!passesTo(Frames.mac(0x52, 0x54, 0, 1, 2, 4)) && !passesTo(Frames.mac(1, 0, 0x5E, 1, 2, 4)));
        assertEquals(ControlQueue.OK, setTables(new byte[][] {}, new byte[][] {}));
        assertTrue(!passesTo(OTHER) && !passesTo(GROUP) && passesTo(Frames.MAC));
    }

    @Test
    void shouldLetAllAddressesOfAKindPassWhoseTableIsTooLong() {
        machine.setMode(ReceiveFilter.PROMISCUOUS, false);
        assertEquals(ControlQueue.OK, setTables(many(65, OTHER), new byte[][] {GROUP}));
        assertTrue(passesTo(OTHER) && passesTo(GROUP) && !passesTo(Frames.mac(1, 2, 3, 4, 5, 6)));
        assertEquals(ControlQueue.OK, setTables(many(60, OTHER), many(5, GROUP)));
        assertTrue(passesTo(GROUP) && !passesTo(OTHER) && passesTo(many(60, OTHER)[59]));
        assertEquals(ControlQueue.OK, setTables(many(60, OTHER), many(4, GROUP)));
        assertTrue(!passesTo(GROUP) && passesTo(many(4, GROUP)[3]));
    }

    @Test
    void shouldFilterVlansIfThatWasNegotiated() {
        machine.setMode(ReceiveFilter.PROMISCUOUS, false);
        assertEquals(ControlQueue.OK, setVlan(ControlQueue.VLAN_ADD, 4095));
        assertEquals(ControlQueue.OK, setVlan(ControlQueue.VLAN_ADD, 5));
        assertTrue(passesTagged(0xF005) && passesTagged(4095) && !passesTagged(6));
        assertEquals(ControlQueue.OK, setVlan(ControlQueue.VLAN_DEL, 5));
        assertTrue(!passesTagged(5) && passesTagged(4095) && passesTo(Frames.MAC));
        machine.start(machine.nic.features() & ~NetFeature.CTRL_VLAN.bit());
        machine.setMode(ReceiveFilter.PROMISCUOUS, false);
        assertTrue(passesTagged(5));
    }

    @Test
    void shouldTakeTheAddressThatTheDriverGivesIt() {
        machine.setMode(ReceiveFilter.PROMISCUOUS, false);
        assertEquals(ControlQueue.OK, machine.command(ControlQueue.MAC_CLASS, ControlQueue.MAC_ADDR_SET, OTHER));
        assertTrue(passesTo(OTHER) && !passesTo(Frames.MAC));
        assertEquals(0x0302_0100_5452L, machine.driver.config(0, 8) & 0xFFFF_FFFF_FFFFL);
        machine.start();
        assertEquals(0x5634_1200_5452L, machine.driver.config(0, 8) & 0xFFFF_FFFF_FFFFL);
    }

    @Test
    void shouldReadACommandInPieces() {
        byte[] data = tables(new byte[][] {OTHER}, new byte[][] {GROUP});
        machine.setMode(ReceiveFilter.PROMISCUOUS, false);
        assertEquals(ControlQueue.OK, machine.command(machine.readable((byte) ControlQueue.MAC_CLASS),
                machine.readable((byte) ControlQueue.MAC_TABLE_SET), machine.readable(Arrays.copyOf(data, 7)),
                machine.readable(Arrays.copyOfRange(data, 7, data.length))));
        assertTrue(passesTo(OTHER) && passesTo(GROUP));
    }

    @Test
    @DisplayName("commands and classes that do not exist are answered with an error")
    void shouldNotCarryOutUnknownCommands() {
        for (int[] command : new int[][] {{0, 6}, {0, 255}, {1, 2}, {2, 2}, {3, 0}, {4, 0}, {5, 1}, {6, 0}, {255, 0}}) {
            assertEquals(ControlQueue.ERROR, machine.command(command[0], command[1], new byte[64]),
                    Arrays.toString(command));
        }
    }

    @Test
    @DisplayName("commands that are too short or claim longer tables than they have change nothing")
    void shouldNotCarryOutMalformedCommands() {
        machine.setMode(ReceiveFilter.PROMISCUOUS, false);
        assertEquals(ControlQueue.OK, setTables(new byte[][] {OTHER}, new byte[][] {}));
        assertEquals(ControlQueue.ERROR, machine.command());
        assertEquals(ControlQueue.ERROR, machine.command(machine.readable((byte) 0)));
        assertEquals(ControlQueue.ERROR, machine.command(ControlQueue.RX_CLASS, ReceiveFilter.PROMISCUOUS));
        assertEquals(ControlQueue.ERROR, machine.command(ControlQueue.MAC_CLASS, ControlQueue.MAC_ADDR_SET,
                new byte[5]));
        assertEquals(ControlQueue.ERROR, machine.command(ControlQueue.MAC_CLASS, ControlQueue.MAC_ADDR_SET,
                new byte[7]));
        assertEquals(ControlQueue.ERROR, machine.command(ControlQueue.VLAN_CLASS, ControlQueue.VLAN_ADD, (byte) 1));
        assertEquals(ControlQueue.ERROR, setVlan(ControlQueue.VLAN_ADD, 4096));
        assertEquals(ControlQueue.ERROR, setVlan(ControlQueue.VLAN_DEL, 0xFFFF));
        assertEquals(ControlQueue.ERROR, machine.command(ControlQueue.GUEST_OFFLOADS_CLASS, 0, new byte[7]));
        byte[] good = tables(new byte[][] {GROUP}, new byte[][] {GROUP});
        for (int length = 0; length < good.length; length++) {
            assertEquals(ControlQueue.ERROR, machine.command(ControlQueue.MAC_CLASS, ControlQueue.MAC_TABLE_SET,
                    Arrays.copyOf(good, length)), "length " + length);
        }
        for (int count : new int[] {3, 64, 65, 0x2AAAAAAB, Integer.MAX_VALUE, Integer.MIN_VALUE, -1}) {
            byte[] bad = ByteBuffer.wrap(good.clone()).order(ByteOrder.LITTLE_ENDIAN).putInt(0, count).array();
            assertEquals(ControlQueue.ERROR, machine.command(ControlQueue.MAC_CLASS, ControlQueue.MAC_TABLE_SET, bad));
            bad = ByteBuffer.wrap(good.clone()).order(ByteOrder.LITTLE_ENDIAN).putInt(10, count).array();
            assertEquals(ControlQueue.ERROR, machine.command(ControlQueue.MAC_CLASS, ControlQueue.MAC_TABLE_SET, bad));
        }
        assertTrue(passesTo(OTHER) && !passesTo(GROUP) && passesTo(Frames.MAC));
    }

    @Test
    @DisplayName("commands that were not negotiated are answered with an error")
    void shouldNotCarryOutWhatWasNotNegotiated() {
        machine.start(NetFixture.features(NetFeature.CTRL_VQ, NetFeature.GUEST_CSUM));
        assertEquals(ControlQueue.ERROR, machine.command(ControlQueue.RX_CLASS, ReceiveFilter.PROMISCUOUS, (byte) 0));
        assertEquals(ControlQueue.ERROR, machine.command(ControlQueue.RX_CLASS, ReceiveFilter.NO_UNICAST, (byte) 1));
        assertEquals(ControlQueue.ERROR, machine.command(ControlQueue.MAC_CLASS, ControlQueue.MAC_ADDR_SET, OTHER));
        assertEquals(ControlQueue.ERROR, setTables(new byte[][] {}, new byte[][] {}));
        assertEquals(ControlQueue.ERROR, setVlan(ControlQueue.VLAN_ADD, 1));
        byte[] offloads = new byte[8];
        assertEquals(ControlQueue.ERROR, machine.command(ControlQueue.GUEST_OFFLOADS_CLASS, 0, offloads));
        machine.start(NetFixture.features(NetFeature.CTRL_VQ, NetFeature.GUEST_CSUM, NetFeature.CTRL_GUEST_OFFLOADS));
        assertEquals(ControlQueue.OK, machine.command(ControlQueue.GUEST_OFFLOADS_CLASS, 0, offloads));
        offloads[0] = (byte) 0x80;
        assertEquals(ControlQueue.ERROR, machine.command(ControlQueue.GUEST_OFFLOADS_CLASS, 0, offloads));
        machine.start(NetFixture.features(NetFeature.CTRL_RX));
        assertEquals(ControlQueue.ERROR, machine.command(ControlQueue.RX_CLASS, ReceiveFilter.PROMISCUOUS, (byte) 0),
                "nothing at all without CTRL_VQ");
    }

    @Test
    @DisplayName("a command without room for its status needs a reset")
    void shouldNeedAResetWithoutRoomForTheStatus() {
        machine.control.request(machine.readable(new byte[3]));
        machine.driver.notify(VirtioNet.CONTROL_QUEUE);
        assertTrue(machine.needsReset());
        assertNull(machine.control.takeUsed());
        machine.start();
        machine.setMode(ReceiveFilter.PROMISCUOUS, false);
    }
}
