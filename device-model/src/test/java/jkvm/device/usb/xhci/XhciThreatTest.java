package jkvm.device.usb.xhci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import jkvm.device.usb.hid.HidKeyboard;
import jkvm.device.usb.hid.HidPointer;
import jkvm.host.input.InputEvent;
import jkvm.host.input.InputHub;
import jkvm.host.input.Key;
import jkvm.work.FakeClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a hostile guest can do to the controller: it answers with errors, and works after a reset. */
@Timeout(120)
class XhciThreatTest {
    private static final boolean IS_LONG = Boolean.getBoolean("jkvm.long");
    private static final int ACCESSES = IS_LONG ? 1_000_000 : 60_000;
    private static final int HOST_ERROR = 1 << 12;
    private static final int STATUS = XhciDriver.OPERATIONAL + OperationalRegisters.STATUS_OFFSET;

    private final InputHub hub = new InputHub(new FakeClock(), null);
    private final XhciDriver driver = new XhciDriver(new HidKeyboard("kbd", "1", hub),
            HidPointer.tablet("tablet", "2", hub));

    private void worksAfterAReset() {
        driver.xhci.reset();
        driver.enable();
        driver.rewind();
        driver.start();
        driver.address(1);
        assertEquals(Completion.SUCCESS, driver.request(0x80, 6, 0x100, 18).code());
        assertEquals(0, driver.read(STATUS) & HOST_ERROR);
    }

    @Test
    void shouldStopAtACommandRingOfLinksOnly() {
        driver.start();
        driver.trb(XhciDriver.COMMANDS, XhciDriver.COMMANDS, 0, Trb.LINK << 10 | 1);
        driver.write(Xhci.DOORBELL_OFFSET, 0);
        assertEquals(HOST_ERROR, driver.read(STATUS) & HOST_ERROR);
        worksAfterAReset();
    }

    @Test
    void shouldStopAtACommandRingOutsideOfMemory() {
        driver.start();
        driver.trb(XhciDriver.COMMANDS, 0xFEB00000L, 0, Trb.LINK << 10 | 1);
        driver.write(Xhci.DOORBELL_OFFSET, 0);
        assertEquals(HOST_ERROR, driver.read(STATUS) & HOST_ERROR);
    }

    @Test
    void shouldStopAtAnEventSegmentThatIsNone() {
        driver.start();
        driver.memory.writeInt(XhciDriver.EVENT_TABLE + 8, 5000);
        driver.writeLong(Xhci.INTERRUPTER_OFFSET + 0x10, XhciDriver.EVENT_TABLE);
        assertEquals(HOST_ERROR, driver.read(STATUS) & HOST_ERROR);
    }

    @Test
    void shouldRefuseContextsAndBuffersOutsideOfMemory() {
        driver.start();
        driver.command(XhciDriver.ENABLE_SLOT, 0, 0);
        driver.write(XhciDriver.portRegister(5), 1 << 4 | 1 << 9);
        assertEquals(Completion.PARAMETER_ERROR,
                driver.command(XhciDriver.ADDRESS_DEVICE, 1L << 40, 1 << 24).code());
        driver.addressSlot(5, 0);
        driver.control(0x80 | 6 << 8 | 0x100L << 16 | 18L << 48, 8, Trb.SETUP_STAGE << 10 | Trb.IMMEDIATE_DATA_BIT);
        driver.control(XhciDriver.MEMORY_SIZE - 8, 18, Trb.DATA_STAGE << 10 | Trb.DIRECTION_IN_BIT);
        driver.ring(1);
        assertEquals(Completion.DATA_BUFFER_ERROR, driver.events().getLast().code());
    }

    @Test
    void shouldBoundATransferWithoutEnd() {
        driver.start();
        driver.address(1);
        driver.configure();
        driver.request(0, 9, 1, 0);
        int count = 300;
        for (int i = 0; i < count; i++) {
            driver.trb(XhciDriver.INTERRUPT_RING + 16L * i, XhciDriver.BUFFER, 1 << 16,
                    Trb.NORMAL << 10 | Trb.CHAIN_BIT | 1);
        }
        driver.ring(XhciDriver.INTERRUPT_IN_1);
        assertEquals(Completion.TRB_ERROR, driver.events().getLast().code());
    }

    @Test
    void shouldWaitWhileTheGuestTakesNoEvents() {
        driver.start();
        int commands = 40;
        for (int i = 0; i < commands; i++) {
            driver.trb(XhciDriver.COMMANDS + 16L * i, 0, 0, XhciDriver.NO_OP_COMMAND << 10 | 1);
        }
        driver.write(Xhci.DOORBELL_OFFSET, 0);
        // The ring has 16 entries; nothing is lost.
        int seen = 0;
        for (XhciDriver.Event event = driver.next(); event != null; event = driver.next()) {
            seen += event.type() == Trb.COMMAND_COMPLETION_EVENT ? 1 : 0;
        }
        assertEquals(commands, seen);
    }

    /** Writes with meaning come more often than chance brings them. */
    @Test
    void shouldSurviveRandomAccesses() {
        long seed = IS_LONG ? System.nanoTime() : 20261201;
        Random random = new Random(seed);
        int failures = 0;
        driver.start();
        for (int i = 0; i < ACCESSES; i++) {
            switch (random.nextInt(8)) {
                case 0 -> driver.write(random.nextInt(Xhci.BAR_SIZE / 4) * 4, random.nextInt());
                case 1 -> driver.pci.memory.dispatchRead(XhciDriver.BAR + random.nextInt(Xhci.BAR_SIZE), 4);
                case 2 -> driver.write(Xhci.DOORBELL_OFFSET + random.nextInt(3) * 4, random.nextInt(5));
                case 3 -> driver.write(XhciDriver.portRegister(1 + random.nextInt(8)), random.nextInt());
                case 4 -> driver.memory.writeInt(random.nextInt(0xB000) & ~3,
                        random.nextInt());
                case 5 -> ring(random);
                case 6 -> hub.send(new InputEvent.Stroke(Key.values()[random.nextInt(20)], random.nextBoolean()));
                default -> driver.next();
            }
            if ((driver.read(STATUS) & HOST_ERROR) != 0 && random.nextInt(20) == 0) {
                failures++;
                driver.start();
            }
        }
        assertTrue(failures > 0, "seed " + seed);
        worksAfterAReset();
    }

    /** A TRB somewhere in the rings that is nearly right. */
    private void ring(Random random) {
        long[] rings = {XhciDriver.COMMANDS, XhciDriver.CONTROL_RING, XhciDriver.INTERRUPT_RING};
        long at = rings[random.nextInt(rings.length)] + 16L * random.nextInt(8);
        long[] parameters = {XhciDriver.INPUT, XhciDriver.BUFFER, at, 0x0012000001000680L, random.nextLong()};
        driver.trb(at, parameters[random.nextInt(parameters.length)], random.nextInt(64),
                random.nextInt(24) << 10 | random.nextInt(1 << 10) | random.nextInt(3) << 24 | random.nextInt(4) << 16);
    }
}
