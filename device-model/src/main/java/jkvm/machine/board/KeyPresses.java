package jkvm.machine.board;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;
import jkvm.device.platform.I8042;
import jkvm.device.platform.Key;
import jkvm.work.InputChannel;
import jkvm.work.InstructionClock;
import jkvm.work.VmClock;

/**
 * The user's fingers: press and let go keys one after the other, as fast as the guest fetches them. Times are the
 * guest's, so that nothing is pressed in a paused machine. Any thread may call.
 */
final class KeyPresses {
    private static final int MAX_WAITING = 1024;
    private static final long RETRY_NANOS = 5_000_000;

    private final I8042 keyboard;
    private final VmClock clock;
    /** Null where time is not counted in instructions. */
    private final InstructionClock counted;
    private final VmClock.Timer timer;
    /** Guarded by this, as the next field. */
    private final Deque<Stroke> waiting = new ArrayDeque<>();
    private long earliest;
    /** Null where time is not counted in instructions. */
    private final InputChannel presses;

    /** @param rest until the next stroke */
    private record Stroke(Key key, boolean isDown, long rest) {
    }

    KeyPresses(I8042 keyboard, VmClock clock, InstructionClock counted) {
        this.keyboard = keyboard;
        this.clock = clock;
        this.counted = counted;
        timer = clock.newTimer(this::press);
        presses = counted == null ? null : counted.channel("keyboard.keys", this::take);
    }

    /**
     * Presses keys together.
     *
     * @param hold time until they are let go
     * @throws IllegalStateException if the guest has not fetched a lot of earlier ones
     */
    void press(List<Key> chord, Duration hold) {
        if (!hasRoom(chord)) {
            throw new IllegalStateException("the guest does not fetch the keys that were pressed before");
        }
        if (counted == null) {
            add(chord, hold.toNanos());
            timer.arm(clock.nanoTime());
        } else {
            String names = chord.stream().map(Key::name).collect(Collectors.joining(" "));
            byte[] data = (hold.toNanos() + " " + names).getBytes(StandardCharsets.US_ASCII);
            counted.input(() -> presses.deliver(data));
        }
    }

    private synchronized boolean hasRoom(List<Key> chord) {
        return waiting.size() + 2 * chord.size() <= MAX_WAITING;
    }

    private synchronized void add(List<Key> chord, long hold) {
        for (int i = 0; i < chord.size(); i++) {
            waiting.add(new Stroke(chord.get(i), true, i == chord.size() - 1 ? hold : 0));
        }
        for (Key key : chord.reversed()) {
            waiting.add(new Stroke(key, false, 0));
        }
    }

    /** Keys come as input. On the clock's thread. */
    private void take(byte[] data) {
        String[] words = new String(data, StandardCharsets.US_ASCII).split(" ", -1);
        List<Key> chord = Arrays.stream(words).skip(1).map(Key::valueOf).toList();
        if (hasRoom(chord)) {
            add(chord, Long.parseLong(words[0]));
        }
        press();
    }

    /** On the clock's thread. */
    private synchronized void press() {
        long now = clock.nanoTime();
        while (!waiting.isEmpty() && now >= earliest) {
            Stroke next = waiting.peek();
            if (!keyboard.press(next.key(), next.isDown())) {
                earliest = now + RETRY_NANOS;
            } else {
                waiting.remove();
                earliest = now + next.rest();
            }
        }
        if (!waiting.isEmpty()) {
            timer.arm(earliest);
        }
    }
}
