package jkvm.device.usb.xhci;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import jkvm.bus.StateRoundTrip;
import jkvm.device.usb.hid.HidKeyboard;
import jkvm.device.usb.hid.HidPointer;
import jkvm.device.usb.xhci.XhciDriver.Event;
import jkvm.host.input.Button;
import jkvm.host.input.InputEvent;
import jkvm.host.input.InputHub;
import jkvm.host.input.Key;
import jkvm.host.input.KeyboardSink;
import jkvm.work.FakeClock;
import org.junit.jupiter.api.Test;

class XhciTest {
    private final FakeClock clock = new FakeClock();
    private final InputHub hub = new InputHub(clock, null);
    private final HidKeyboard keyboard = new HidKeyboard("kbd", "1", hub);
    private final HidPointer tablet = HidPointer.tablet("tablet", "2", hub);
    private final XhciDriver driver = new XhciDriver(keyboard, tablet);

    private void inUse(int port) {
        driver.start();
        driver.address(port);
        driver.configure();
        driver.request(0, 9, 1, 0);
    }

    private void stroke(Key key, boolean isDown) {
        hub.send(new InputEvent.Stroke(key, isDown));
        clock.advanceMillis(1);
        driver.work();
    }

    private void point(InputEvent.Pointer event) {
        hub.send(event);
        clock.advanceMillis(1);
        driver.work();
    }

    @Test
    void shouldHaveQemusRegisters() {
        // given qemu-xhci of QEMU 7.2.22 with its default ports
        assertEquals(0x000d1b36, (int) driver.pci.read(0, 4));
        assertEquals(0x0c033001, (int) driver.pci.read(8, 4));
        assertEquals(0x11001af4, (int) driver.pci.read(0x2C, 4));
        assertEquals(0x90, driver.pci.read(0x34, 1));
        assertEquals(0x000f0011, (int) driver.pci.read(0x90, 4));
        assertEquals(0x3000, driver.pci.read(0x94, 4));
        assertEquals(0x3800, driver.pci.read(0x98, 4));
        assertEquals(0x30, driver.pci.read(0x60, 1));
        assertEquals(0x01000040, driver.read(0));
        assertEquals(0x08001040, driver.read(4));
        assertEquals(0x0000000f, driver.read(8));
        assertEquals(0x2000, driver.read(0x14));
        assertEquals(0x1000, driver.read(0x18));
        assertEquals(0x02000402, driver.read(0x20));
        assertEquals(0x0405, driver.read(0x28));
        assertEquals(0x03000002, driver.read(0x30));
        assertEquals(0x0401, driver.read(0x38));
    }

    @Test
    void shouldTellPortsThatHaveADevice() {
        driver.start();
        Event first = driver.next();
        assertEquals(Trb.PORT_STATUS_CHANGE_EVENT, first.type());
        assertEquals(5L << 24, first.parameter());
        assertEquals(6L << 24, driver.next().parameter());
        assertNull(driver.next());
        assertEquals(0x00020ee1, driver.read(XhciDriver.portRegister(5)));
        assertEquals(0x000002a0, driver.read(XhciDriver.portRegister(7)));
        // when the port is reset
        driver.write(XhciDriver.portRegister(5), 1 << 17 | 1 << 4 | 1 << 9);
        assertEquals(5L << 24, driver.next().parameter());
        assertEquals(0x00220e03, driver.read(XhciDriver.portRegister(5)));
    }

    @Test
    void shouldCarryOutCommands() {
        driver.start();
        assertEquals(Completion.SUCCESS, driver.command(XhciDriver.NO_OP_COMMAND, 0, 0).code());
        assertEquals(Completion.TRB_ERROR, driver.command(40, 0, 0).code());
        assertEquals(Completion.SLOT_NOT_ENABLED, driver.command(XhciDriver.DISABLE_SLOT, 0, 7 << 24).code());
        Event enabled = driver.command(XhciDriver.ENABLE_SLOT, 0, 0);
        assertEquals(1, enabled.slot());
        assertEquals(Completion.CONTEXT_STATE_ERROR,
                driver.command(XhciDriver.CONFIGURE_ENDPOINT, XhciDriver.INPUT, 1 << 24).code());
        // The port was not reset: nobody answers.
        assertEquals(Completion.USB_TRANSACTION_ERROR, driver.addressSlot(5, 0).code());
        driver.write(XhciDriver.portRegister(5), 1 << 4 | 1 << 9);
        assertEquals(Completion.SUCCESS, driver.addressSlot(5, 0).code());
        assertEquals(2 << 27 | 1, driver.memory.readInt(XhciDriver.OUTPUT + 12));
        assertEquals(Completion.CONTEXT_STATE_ERROR, driver.addressSlot(5, 0).code());
        assertEquals(Completion.SUCCESS, driver.configure().code());
        assertEquals(3 << 27 | 1, driver.memory.readInt(XhciDriver.OUTPUT + 12));
        assertEquals(Completion.SUCCESS, driver.command(XhciDriver.RESET_DEVICE, 0, 1 << 24).code());
        assertEquals(1 << 27, driver.memory.readInt(XhciDriver.OUTPUT + 12));
        assertEquals(Completion.SUCCESS, driver.command(XhciDriver.DISABLE_SLOT, 0, 1 << 24).code());
        assertEquals(1, driver.command(XhciDriver.ENABLE_SLOT, 0, 0).slot());
    }

    @Test
    void shouldGiveDescriptorsAndEndShort() {
        driver.start();
        driver.address(1);
        assertEquals(Completion.SUCCESS, driver.request(0x80, 6, 0x100, 18).code());
        assertArrayEquals(new byte[] {18, 1, 0, 2, 0, 0, 0, 64, 0x27, 6, 1, 0, 0, 0, 1, 2, 3, 1}, driver.buffer(18));
        driver.request(0x80, 6, 0x200, 255);
        byte[] configuration = driver.buffer(34);
        assertEquals(34, configuration[2]);
        assertEquals(0x22, configuration[24]);
        driver.request(0x80, 6, 0x302, 255);
        assertEquals("QEMU USB Keyboard", new String(driver.buffer(36), 2, 34, StandardCharsets.UTF_16LE));
    }

    @Test
    void shouldHaltAtAStallUntilTheGuestResetsTheEndpoint() {
        driver.start();
        driver.address(1);
        Event stalled = driver.request(0x80, 6, 0x700, 18);
        assertEquals(Completion.STALL_ERROR, stalled.code());
        assertEquals(Endpoint.HALTED, driver.memory.readInt(XhciDriver.OUTPUT + 32) & 7);
        assertEquals(Completion.CONTEXT_STATE_ERROR,
                driver.command(XhciDriver.STOP_ENDPOINT, 0, 1 << 24 | 1 << 16).code());
        assertEquals(Completion.SUCCESS, driver.command(XhciDriver.RESET_ENDPOINT, 0, 1 << 24 | 1 << 16).code());
        assertEquals(Completion.CONTEXT_STATE_ERROR,
                driver.command(XhciDriver.RESET_ENDPOINT, 0, 1 << 24 | 1 << 16).code());
        long next = driver.memory.readLong(XhciDriver.OUTPUT + 32 + 8) + 32;
        assertEquals(Completion.SUCCESS, driver.command(XhciDriver.SET_DEQUEUE, next, 1 << 24 | 1 << 16).code());
        assertEquals(Completion.SUCCESS, driver.request(0x80, 8, 0, 1).code());
    }

    @Test
    void shouldGiveKeysWhenTheGuestAsksOrWhenTheyCome() {
        inUse(1);
        stroke(Key.A, true);
        driver.ask(8);
        assertEquals(Completion.SUCCESS, driver.events().getLast().code());
        assertArrayEquals(new byte[] {0, 0, 4, 0, 0, 0, 0, 0}, driver.buffer(8));
        // when it asks before there is anything
        long trb = driver.ask(8);
        assertNull(driver.next());
        stroke(Key.CTRL_R, true);
        assertEquals(trb, driver.events().getLast().parameter());
        assertArrayEquals(new byte[] {0x10, 0, 4, 0, 0, 0, 0, 0}, driver.buffer(8));
    }

    @Test
    void shouldSayRollOverForMoreThanSixKeys() {
        inUse(1);
        for (Key key : new Key[] {Key.A, Key.B, Key.C, Key.D, Key.E, Key.F, Key.G}) {
            stroke(key, true);
            driver.ask(8);
        }
        driver.events();
        assertArrayEquals(new byte[] {0, 0, 1, 1, 1, 1, 1, 1}, driver.buffer(8));
        stroke(Key.A, false);
        driver.ask(8);
        assertArrayEquals(new byte[] {0, 0, 5, 6, 7, 8, 9, 10}, driver.buffer(8));
    }

    @Test
    void shouldLightTheKeyboardsLights() {
        inUse(1);
        driver.memory.writeByte(XhciDriver.BUFFER, (byte) 3);
        driver.control(0x21 | 9 << 8 | 0x200L << 16 | 1L << 48, 8, Trb.SETUP_STAGE << 10 | Trb.IMMEDIATE_DATA_BIT);
        driver.control(XhciDriver.BUFFER, 1, Trb.DATA_STAGE << 10);
        driver.control(0, 0, Trb.STATUS_STAGE << 10 | Trb.DIRECTION_IN_BIT | Trb.INTERRUPT_ON_COMPLETION_BIT);
        driver.ring(1);
        assertEquals(Completion.SUCCESS, driver.events().getLast().code());
        assertEquals(KeyboardSink.NUM_LOCK_BIT | KeyboardSink.CAPS_LOCK_BIT, hub.leds());
    }

    @Test
    void shouldGivePlacesOfTheTabletAndTakeThePointer() {
        assertFalse(hub.pointers().isEmpty());
        inUse(2);
        assertTrue(hub.isAbsolute());
        point(new InputEvent.Absolute(0x1234, 0x7fff));
        driver.ask(8);
        Event event = driver.events().getLast();
        assertEquals(Completion.SHORT_PACKET, event.code());
        assertEquals(2, event.length());
        assertArrayEquals(new byte[] {0, 0x34, 0x12, (byte) 0xff, 0x7f, 0}, driver.buffer(6));
        point(new InputEvent.Press(Button.RIGHT, true));
        driver.ask(8);
        assertEquals(2, driver.buffer(1)[0]);
    }

    @Test
    void shouldStopAnEndpointThatWaits() {
        inUse(1);
        long trb = driver.ask(8);
        Event done = driver.command(XhciDriver.STOP_ENDPOINT, 0, 1 << 24 | XhciDriver.INTERRUPT_IN_1 << 16);
        assertEquals(Completion.SUCCESS, done.code());
        long context = DeviceContext.inOutput(XhciDriver.OUTPUT, XhciDriver.INTERRUPT_IN_1);
        assertEquals(Endpoint.STOPPED, driver.memory.readInt(context) & 7);
        assertEquals(trb | 1, driver.memory.readLong(context + 8));
        // when the doorbell rings, it goes on
        stroke(Key.A, true);
        assertNull(driver.next());
        driver.command(XhciDriver.SET_DEQUEUE, trb | 1, 1 << 24 | XhciDriver.INTERRUPT_IN_1 << 16);
        driver.ring(XhciDriver.INTERRUPT_IN_1);
        assertEquals(trb, driver.events().getLast().parameter());
    }

    @Test
    void shouldInterruptByThePinOnceForNewEvents() {
        driver.start();
        driver.events();
        driver.write(Xhci.INTERRUPTER_OFFSET, 3);
        assertEquals(0, driver.pci.read(6, 2) & 8);
        driver.trb(XhciDriver.COMMANDS, 0, 0, XhciDriver.NO_OP_COMMAND << 10 | 1);
        driver.write(Xhci.DOORBELL_OFFSET, 0);
        assertEquals(8, driver.pci.read(6, 2) & 8);
        assertEquals(8, driver.read(XhciDriver.OPERATIONAL + 4) & 8);
        driver.write(Xhci.INTERRUPTER_OFFSET, 3);
        assertEquals(0, driver.pci.read(6, 2) & 8);
        assertNotNull(driver.next());
    }

    @Test
    void shouldCarryItsStateIntoAnother() {
        inUse(1);
        driver.ask(8);
        HidKeyboard otherKeyboard = new HidKeyboard("kbd", "1", new InputHub(clock, null));
        HidPointer otherTablet = HidPointer.tablet("tablet", "2", new InputHub(clock, null));
        XhciDriver other = new XhciDriver(otherKeyboard, otherTablet);
        byte[] ram = new byte[XhciDriver.MEMORY_SIZE];
        driver.memory.read(0, ram, 0, ram.length);
        other.memory.write(0, ram);
        StateRoundTrip.copy(driver.xhci, other.xhci);
        StateRoundTrip.copy(keyboard, otherKeyboard);
        StateRoundTrip.copy(tablet, otherTablet);
        assertEquals(driver.read(XhciDriver.portRegister(5)), other.read(XhciDriver.portRegister(5)));
    }
}
