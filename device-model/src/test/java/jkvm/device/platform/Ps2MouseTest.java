package jkvm.device.platform;

import static jkvm.device.platform.I8042.CTR_MOUSE_INTERRUPT_BIT;
import static jkvm.device.platform.Ps2Fixture.ACK;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Random;
import jkvm.bus.StateRoundTrip;
import jkvm.host.input.Button;
import jkvm.host.input.Key;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class Ps2MouseTest {
    private static final int[] WHEEL = {0xf3, 200, 0xf3, 100, 0xf3, 80};
    private static final int[] FIVE_BUTTONS = {0xf3, 200, 0xf3, 200, 0xf3, 80};

    private final Ps2Fixture ps2 = new Ps2Fixture();

    @BeforeEach
    void enable() {
        ps2.writeCtr(CTR_MOUSE_INTERRUPT_BIT);
        ps2.tellMouse(Ps2Device.ENABLE);
    }

    @Test
    void shouldTellMotionUpAsPositiveWithAnInterruptForEachByte() {
        int before = ps2.mouseIrq.edges();
        ps2.move(5, -3);
        assertEquals(List.of(0x08, 5, 3), ps2.mouse());
        assertEquals(3, ps2.mouseIrq.edges() - before);
        ps2.move(-1, 2);
        assertEquals(List.of(0x38, 0xff, 0xfe), ps2.mouse());
    }

    @Test
    void shouldAddUpMotionThatTheGuestDoesNotFetch() {
        ps2.move(1, 0);
        ps2.move(100, 0);
        ps2.move(100, 0);
        assertEquals(List.of(0x08, 1, 0, 0x08, 127, 0, 0x08, 73, 0), ps2.mouse());
    }

    @Test
    void shouldTellEachButtonsChange() {
        ps2.button(Button.LEFT, true);
        ps2.button(Button.LEFT, false);
        ps2.button(Button.RIGHT, true);
        assertEquals(List.of(0x09, 0, 0, 0x08, 0, 0), ps2.mouse());
        ps2.clock.advanceNanos(5_000_000);
        assertEquals(List.of(0x0a, 0, 0), ps2.mouse());
        ps2.button(Button.MIDDLE, true);
        assertEquals(List.of(0x0e, 0, 0), ps2.mouse());
        assertEquals(List.of(ACK, 0x23, 2, 100), ps2.tellMouse(0xe9));
    }

    @Test
    void shouldTellTheWheelAndSideButtonsToADriverThatKnowsThem() {
        ps2.wheel(1);
        assertEquals(List.of(), ps2.mouse(), "three buttons and no wheel");
        ps2.tellMouse(WHEEL);
        ps2.wheel(-1);
        assertEquals(List.of(0x08, 0, 0, 0xff), ps2.mouse());
        ps2.button(Button.SIDE, true);
        ps2.button(Button.SIDE, false);
        assertEquals(List.of(), ps2.mouse(), "five buttons are not asked for");
        ps2.tellMouse(FIVE_BUTTONS);
        ps2.button(Button.EXTRA, true);
        ps2.wheel(-2);
        assertEquals(List.of(0x08, 0, 0, 0x20, 0x08, 0, 0, 0x2e), ps2.mouse());
    }

    @Test
    void shouldSaySoInRemoteModeOnlyWhenItIsAsked() {
        ps2.tellMouse(0xf0);
        ps2.move(4, 0);
        ps2.move(4, 0);
        assertEquals(List.of(), ps2.mouse());
        assertEquals(List.of(ACK, 0x08, 8, 0), ps2.tellMouse(0xeb));
        assertEquals(List.of(ACK, 0x08, 0, 0), ps2.tellMouse(0xeb));
        ps2.tellMouse(0xea);
        ps2.move(1, 0);
        assertEquals(List.of(0x08, 1, 0), ps2.mouse());
    }

    @Test
    void shouldSayNothingOfWhatHappenedWhileItWasOff() {
        ps2.tellMouse(Ps2Device.DISABLE);
        ps2.move(9, 9);
        ps2.button(Button.LEFT, true);
        ps2.tellMouse(Ps2Device.ENABLE);
        assertEquals(List.of(), ps2.mouse());
        ps2.move(1, 0);
        assertEquals(List.of(0x09, 1, 0), ps2.mouse(), "the button is down all the same");
    }

    @Test
    void shouldRepeatTheLastPacketAndDropTheRestOfOneForACommand() {
        ps2.move(3, 0);
        assertEquals(List.of(0x08, 3, 0), ps2.mouse());
        assertEquals(List.of(0x08, 3, 0), ps2.tellMouse(Ps2Device.RESEND_LAST));
        ps2.move(4, 0);
        // The first byte is in the controller already.
        assertEquals(List.of(0x08, ACK, 0), ps2.tellMouse(Ps2Device.IDENTIFY));
    }

    @Test
    void shouldSaveMotionAndButtonsThatWait() {
        ps2.tellMouse(WHEEL);
        ps2.move(1, 0);
        ps2.move(2, 0);
        ps2.wheel(1);
        Ps2Fixture copy = new Ps2Fixture();
        StateRoundTrip.copy(ps2.controller, copy.controller);
        assertEquals(List.of(0x08, 1, 0, 0, 0x08, 2, 0, 1), copy.mouse());
    }

    @Test
    void shouldStayUsableAfterRandomAccessesAndEvents() {
        // given: threat 71's like for this device, commands and events in any order
        long seed = Long.getLong("jkvm.seed", 77);
        Random random = new Random(seed);
        int rounds = Boolean.getBoolean("jkvm.long") ? 1_000_000 : 50_000;
        // when
        for (int i = 0; i < rounds; i++) {
            switch (random.nextInt(7)) {
                case 0 -> ps2.command(random.nextInt(256));
                case 1 -> ps2.data(random.nextInt(256));
                case 2 -> ps2.stroke(Key.values()[random.nextInt(Key.values().length)], random.nextBoolean());
                case 3 -> ps2.move(random.nextInt(), random.nextInt());
                case 4 -> ps2.button(Button.values()[random.nextInt(5)], random.nextBoolean());
                case 5 -> ps2.wheel(random.nextInt(9) - 4);
                default -> Ports.in(ps2.controller.data(), 0);
            }
        }
        // then
        ps2.controller.reset();
        assertEquals(List.of(ACK, 0xaa, 0), ps2.tellMouse(Ps2Device.RESET), "seed " + seed);
    }
}
