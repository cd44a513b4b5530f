package jkvm.host.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import jkvm.work.FakeClock;
import org.junit.jupiter.api.Test;

class InputHubTest {
    private final FakeClock clock = new FakeClock();
    private final InputHub hub = new InputHub(clock, null);
    private final Recorder keyboard = new Recorder("keyboard", false);
    private final Recorder mouse = new Recorder("mouse", false);
    private final Recorder tablet = new Recorder("tablet", true);

    /** Writes down what comes; takes nothing while it is full. */
    private static final class Recorder implements KeyboardSink, PointerSink {
        private final String name;
        private final boolean isAbsolute;
        private final List<InputEvent> events = new ArrayList<>();
        private boolean isFull;

        Recorder(String name, boolean isAbsolute) {
            this.name = name;
            this.isAbsolute = isAbsolute;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean stroke(Key key, boolean isDown) {
            return note(new InputEvent.Stroke(key, isDown));
        }

        @Override
        public int leds() {
            return CAPS_LOCK_BIT;
        }

        @Override
        public boolean isAbsolute() {
            return isAbsolute;
        }

        @Override
        public boolean take(InputEvent.Pointer event) {
            return note(event);
        }

        private boolean note(InputEvent event) {
            return !isFull && events.add(event);
        }
    }

    @Test
    void shouldLeadThePointerToTheDeviceThatTheGuestUses() {
        // given
        hub.add((PointerSink) mouse);
        InputHub.Plug plug = hub.add((PointerSink) tablet);
        AtomicInteger changes = new AtomicInteger();
        hub.addListener(changes::incrementAndGet);
        InputSource viewer = hub.newSource();
        // when: no difference is known at first
        viewer.pointAt(10, 10, 101, 51);
        viewer.pointAt(12, 9, 101, 51);
        plug.activate();
        viewer.pointAt(100, 0, 101, 51);
        clock.advanceNanos(0);
        plug.close();
        viewer.pointAt(99, 1, 101, 51);
        clock.advanceNanos(0);
        // then: what waited for the mouse came to the tablet, which was in use by then
        assertEquals(List.of(new InputEvent.Relative(2, -1), new InputEvent.Absolute(0x7fff, 0)), tablet.events);
        assertEquals(List.of(new InputEvent.Relative(-1, 1)), mouse.events);
        assertEquals(2, changes.get());
        assertFalse(hub.isAbsolute());
    }

    @Test
    void shouldLetGoOfWhatAFrontEndThatGoesAwayHoldsDown() {
        hub.add((KeyboardSink) keyboard);
        hub.add((PointerSink) mouse);
        InputSource viewer = hub.newSource();
        viewer.key(Key.CTRL, true);
        viewer.key(Key.A, true);
        viewer.key(Key.A, false);
        viewer.button(Button.LEFT, true);
        viewer.close();
        clock.advanceNanos(0);
        assertEquals(List.of(new InputEvent.Stroke(Key.CTRL, true), new InputEvent.Stroke(Key.A, true),
                new InputEvent.Stroke(Key.A, false), new InputEvent.Stroke(Key.CTRL, false)), keyboard.events);
        assertEquals(List.of(new InputEvent.Press(Button.LEFT, true), new InputEvent.Press(Button.LEFT, false)),
                mouse.events);
    }

    @Test
    void shouldBoundWhatAGuestDoesNotFetchAndStillReleaseEachKeyThatItTook() {
        // given
        hub.add((KeyboardSink) keyboard);
        keyboard.isFull = true;
        hub.send(new InputEvent.Stroke(Key.SHIFT, true));
        // when
        for (int i = 0; i < 100_000; i++) {
            hub.send(new InputEvent.Stroke(Key.A, true));
            hub.send(new InputEvent.Stroke(Key.A, false));
        }
        hub.send(new InputEvent.Stroke(Key.SHIFT, false));
        clock.advanceNanos(0);
        keyboard.isFull = false;
        clock.advanceNanos(5_000_000);
        // then
        assertTrue(keyboard.events.size() <= 1024);
        assertEquals(new InputEvent.Stroke(Key.SHIFT, false), keyboard.events.getLast());
        assertEquals(keyboard.events.size() / 2, keyboard.events.stream()
                .filter(event -> event instanceof InputEvent.Stroke(Key _, boolean isDown) && isDown).count());
    }

    @Test
    void shouldJoinMotionThatWaits() {
        hub.add((PointerSink) mouse);
        for (int i = 0; i < 10_000; i++) {
            hub.send(new InputEvent.Relative(1, -1));
        }
        clock.advanceNanos(0);
        assertEquals(List.of(new InputEvent.Relative(10_000, -10_000)), mouse.events);
    }

    @Test
    void shouldHoldAChordForTheTimeThatIsAskedFor() {
        assertThrows(IllegalStateException.class, () -> hub.press(List.of(Key.A), Duration.ZERO), "no keyboard");
        hub.add((KeyboardSink) keyboard);
        hub.press(List.of(Key.CTRL, Key.A), Duration.ofMillis(100));
        clock.advanceNanos(99_000_000);
        assertEquals(2, keyboard.events.size());
        clock.advanceNanos(1_000_000);
        assertEquals(List.of(new InputEvent.Stroke(Key.A, false), new InputEvent.Stroke(Key.CTRL, false)),
                keyboard.events.subList(2, 4));
        assertEquals(KeyboardSink.CAPS_LOCK_BIT, hub.leds());
    }

    @Test
    void shouldReadFromARecordingTheEventsThatItWrites() {
        for (InputEvent event : List.of(new InputEvent.Stroke(Key.A, true), new InputEvent.Absolute(1, 2),
                new InputEvent.Relative(-1, 2), new InputEvent.Press(Button.SIDE, false), new InputEvent.Wheel(-1))) {
            assertEquals(event, EventText.parse(EventText.of(event)));
        }
    }
}
