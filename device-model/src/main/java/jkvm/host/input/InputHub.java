package jkvm.host.input;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import jkvm.work.InputChannel;
import jkvm.work.InstructionClock;
import jkvm.work.VmClock;

/**
 * Leads what users do with keyboards and pointing devices to the devices that the guest sees: keys to the keyboard, and
 * the pointer's events to the pointing device, that the guest began to use last; to those that were added first where
 * it uses none. Where the guest's time is counted in instructions the events are part of its recording. Any thread may
 * call; none waits for the guest.
 */
public final class InputHub {
    /** The right or lower edge of the screen in {@link InputEvent.Absolute}. */
    public static final int MAX_ABSOLUTE = 0x7fff;

    /** Null where time is not counted in instructions, as the two channels. */
    private final InstructionClock counted;
    private final InputChannel chords;
    private final InputChannel events;
    private final EventQueue keys;
    private final EventQueue motions;
    /** The one in use first. */
    private final List<Plug> keyboards = new CopyOnWriteArrayList<>();
    private final List<Plug> pointers = new CopyOnWriteArrayList<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    /** Guarded by this. */
    private int lastNumber;

    /** @param counted null where time is not counted in instructions */
    public InputHub(VmClock clock, InstructionClock counted) {
        this.counted = counted;
        keys = new EventQueue(clock, this::deliverKey);
        motions = new EventQueue(clock, this::deliverMotion);
        chords = counted == null ? null : counted.channel("keyboard.keys", this::takeChord);
        events = counted == null ? null : counted.channel("input.events", this::takeEvent);
    }

    /** Adds a keyboard. */
    public Plug add(KeyboardSink keyboard) {
        return add(new Plug(nextNumber(), keyboard, null));
    }

    /** Adds a pointing device. */
    public Plug add(PointerSink pointer) {
        return add(new Plug(nextNumber(), null, pointer));
    }

    private Plug add(Plug plug) {
        plug.others().add(plug);
        plug.changed();
        return plug;
    }

    private synchronized int nextNumber() {
        return ++lastNumber;
    }

    /** The pointing devices, the one in use first. */
    public List<Plug> pointers() {
        return List.copyOf(pointers);
    }

    /** True if there is a keyboard. */
    public boolean hasKeyboard() {
        return !keyboards.isEmpty();
    }

    /** True if the pointing device in use takes {@link InputEvent.Absolute}. */
    public boolean isAbsolute() {
        for (Plug plug : pointers) {
            return plug.pointer.isAbsolute();
        }
        return false;
    }

    /** The lights of the keyboard in use, as {@link KeyboardSink#leds()}. */
    public int leds() {
        for (Plug plug : keyboards) {
            return plug.keyboard.leds();
        }
        return 0;
    }

    /**
     * Calls back after {@link #leds()} or {@link #isAbsolute()} may have changed, on a thread that a guest may wait
     * for: the listener wakes a thread of its own and returns.
     */
    public void addListener(Runnable listener) {
        listeners.add(listener);
    }

    /** Takes {@link #addListener} back. */
    public void removeListener(Runnable listener) {
        listeners.remove(listener);
    }

    /** A new front end. */
    public InputSource newSource() {
        return new InputSource(this);
    }

    /**
     * Takes an event for the guest. One that there is no room for, since the guest does not fetch earlier ones, is
     * dropped; so is the release of a key or a button that is not pressed.
     */
    public void send(InputEvent event) {
        if (counted == null) {
            offer(event);
        } else if (queue(event).hasRoom(1)) {
            byte[] data = EventText.of(event).getBytes(StandardCharsets.US_ASCII);
            counted.input(() -> events.deliver(data));
        }
    }

    /**
     * Presses keys together, and lets them go, after those that were pressed before.
     *
     * @param hold guest time until they are let go
     * @throws IllegalStateException if the guest has not fetched a lot of earlier ones, or there is no keyboard
     */
    public void press(List<Key> chord, Duration hold) {
        if (keyboards.isEmpty()) {
            throw new IllegalStateException("the machine has no keyboard");
        }
        if (!keys.hasRoom(2 * chord.size())) {
            throw new IllegalStateException("the guest does not fetch the keys that were pressed before");
        }
        if (counted == null) {
            keys.addChord(chord, hold.toNanos());
        } else {
            String names = chord.stream().map(Key::name).collect(Collectors.joining(" "));
            byte[] data = (hold.toNanos() + " " + names).getBytes(StandardCharsets.US_ASCII);
            counted.input(() -> chords.deliver(data));
        }
    }

    private EventQueue queue(InputEvent event) {
        return event instanceof InputEvent.Stroke ? keys : motions;
    }

    private void offer(InputEvent event) {
        queue(event).offer(event);
    }

    /** Keys come as input. On the clock's thread. */
    private void takeChord(byte[] data) {
        String[] words = new String(data, StandardCharsets.US_ASCII).split(" ", -1);
        List<Key> chord = Arrays.stream(words).skip(1).map(Key::valueOf).toList();
        if (keys.hasRoom(2 * chord.size())) {
            keys.addChord(chord, Long.parseLong(words[0]));
        }
        keys.deliver();
    }

    /** An event comes as input. On the clock's thread. */
    private void takeEvent(byte[] data) {
        InputEvent event = EventText.parse(new String(data, StandardCharsets.US_ASCII));
        offer(event);
        queue(event).deliver();
    }

    private boolean deliverKey(InputEvent event) {
        for (Plug plug : keyboards) {
            return !(event instanceof InputEvent.Stroke(Key key, boolean isDown)) || plug.keyboard.stroke(key, isDown);
        }
        return true;
    }

    private boolean deliverMotion(InputEvent event) {
        for (Plug plug : pointers) {
            return !(event instanceof InputEvent.Pointer pointer) || plug.pointer.take(pointer);
        }
        return true;
    }

    /** A device's connection to the hub. Any thread may call, also one that holds the device's lock. */
    public final class Plug implements AutoCloseable {
        private final int number;
        private final KeyboardSink keyboard;
        private final PointerSink pointer;

        private Plug(int number, KeyboardSink keyboard, PointerSink pointer) {
            this.number = number;
            this.keyboard = keyboard;
            this.pointer = pointer;
        }

        private List<Plug> others() {
            return keyboard != null ? keyboards : pointers;
        }

        /** The number of the device among all of the machine's: 1 and more. */
        public int number() {
            return number;
        }

        /** The name that a monitor shows. */
        public String name() {
            return keyboard != null ? keyboard.name() : pointer.name();
        }

        /** True for a pointing device that takes {@link InputEvent.Absolute}. */
        public boolean isAbsolute() {
            return pointer != null && pointer.isAbsolute();
        }

        /** The guest begins to use the device, or the user wants it: it gets the events from now on. */
        public void activate() {
            List<Plug> others = others();
            synchronized (others) {
                if (!others.isEmpty() && others.getFirst() != this && others.remove(this)) {
                    others.addFirst(this);
                }
            }
            changed();
        }

        /** The guest does not use the device any more: another one gets the events, if there is one. */
        public void deactivate() {
            List<Plug> others = others();
            synchronized (others) {
                if (others.remove(this)) {
                    others.addLast(this);
                }
            }
            changed();
        }

        /** Says that the keyboard's lights may have changed. */
        public void changed() {
            listeners.forEach(Runnable::run);
        }

        /** The device is gone. */
        @Override
        public void close() {
            others().remove(this);
            changed();
        }
    }
}
