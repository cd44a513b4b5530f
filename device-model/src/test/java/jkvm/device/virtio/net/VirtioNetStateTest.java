package jkvm.device.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.bus.StateRoundTrip;
import jkvm.host.net.Frames;
import jkvm.host.net.NetOffload;
import org.junit.jupiter.api.Test;

class VirtioNetStateTest {
    private static final byte[] OTHER = Frames.mac(0x52, 0x54, 0, 1, 2, 3);

    private final NetFixture machine = new NetFixture();
    private final NetFixture next = new NetFixture(NetSettings.DEFAULT, machine.memory);

    private void command(int commandClass, int command, byte... data) {
        assertEquals(ControlQueue.OK, machine.command(commandClass, command, data));
    }

    @Test
    void shouldGoOnInAnotherMachine() {
        machine.start();
        machine.setMode(ReceiveFilter.PROMISCUOUS, false);
        machine.setMode(ReceiveFilter.NO_BROADCAST, true);
        command(ControlQueue.MAC_CLASS, ControlQueue.MAC_ADDR_SET, OTHER);
        command(ControlQueue.MAC_CLASS, ControlQueue.MAC_TABLE_SET, (byte) 1, (byte) 0, (byte) 0, (byte) 0, (byte) 2,
                (byte) 2, (byte) 3, (byte) 4, (byte) 5, (byte) 6, (byte) 0, (byte) 0, (byte) 0, (byte) 0);
        command(ControlQueue.VLAN_CLASS, ControlQueue.VLAN_ADD, (byte) 7, (byte) 1);
        command(ControlQueue.GUEST_OFFLOADS_CLASS, 0, (byte) 2, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0,
                (byte) 0, (byte) 0);
        machine.offer(1526);
        machine.backend.full = true;
        machine.send(NetFixture.plain(), Frames.toNic(60));
        next.backend.full = true;
        StateRoundTrip.copy(machine.function, next.function);

        next.backend.full = false;
        next.backend.device().sendReady();
        assertEquals(60, next.backend.sent.getFirst().length, "what waited is sent");
        assertEquals(NetOffload.CHECKSUM, next.backend.device().offloads());
        assertTrue(next.backend.offer(Frames.toNic(60)), "for another");
        assertTrue(next.backend.offer(Frames.to(Frames.mac(-1, -1, -1, -1, -1, -1), 61)), "for nobody");
        assertTrue(next.backend.offer(Frames.tagged(Frames.to(OTHER, 62), 1)), "of a foreign VLAN");
        byte[] wanted = Frames.tagged(Frames.to(OTHER, 63), 0x107);
        assertTrue(next.backend.offer(wanted));
        assertArrayEquals(wanted, machine.take().frame());
        machine.receive.request(machine.writable(1526));
        next.driver.notify(VirtioNet.RECEIVE_QUEUE);
        assertTrue(next.backend.offer(Frames.to(Frames.mac(2, 2, 3, 4, 5, 6), 64)));
        assertEquals(64 + NetFixture.HEADER, machine.receive.takeUsed().length());
        assertEquals(0, next.nic.droppedForGuest());
    }

    @Test
    void shouldKeepTheCablePulled() {
        machine.start();
        machine.nic.setLink(false);
        StateRoundTrip.copy(machine.function, next.function);
        assertEquals(0, next.driver.config(VirtioNet.STATUS_OFFSET, 2));
        assertTrue(next.backend.offer(Frames.toNic(60)));
        next.nic.setLink(true);
        assertFalse(next.backend.offer(Frames.toNic(60)), "up, and no buffers");
    }

    @Test
    void shouldBeSavedBeforeADriverIsThere() {
        StateRoundTrip.copy(machine.function, next.function);
        next.start();
        next.offer(1526);
        assertTrue(next.backend.offer(Frames.toNic(60)));
        assertEquals(60, next.take().frame().length);
    }

    @Test
    void shouldForgetAllAtAResetOfTheMachine() {
        machine.start();
        machine.setMode(ReceiveFilter.PROMISCUOUS, false);
        machine.offer(1526);
        machine.function.reset();
        assertEquals(0, machine.backend.device().offloads());
        assertTrue(machine.backend.offer(Frames.toNic(60)));
        assertNull(machine.take());
        assertArrayEquals(StateRoundTrip.save(next.function), StateRoundTrip.save(new NetFixture().function));
    }
}
