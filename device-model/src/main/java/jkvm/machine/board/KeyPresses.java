package jkvm.machine.board;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import jkvm.device.platform.I8042;
import jkvm.device.platform.Key;
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

    /** @param rest until the next stroke */
    private record Stroke(Key key, boolean isDown, long rest) {
    }

    KeyPresses(I8042 keyboard, VmClock clock, InstructionClock counted) {
        this.keyboard = keyboard;
        this.clock = clock;
        this.counted = counted;
        timer = clock.newTimer(this::press);
    }

    /**
     * Presses keys together.
     *
     * @param hold time until they are let go
     * @throws IllegalStateException if the guest has not fetched a lot of earlier ones
     */
    void press(List<Key> chord, Duration hold) {
        synchronized (this) {
            if (waiting.size() + 2 * chord.size() > MAX_WAITING) {
                throw new IllegalStateException("the guest does not fetch the keys that were pressed before");
            }
            for (int i = 0; i < chord.size(); i++) {
                waiting.add(new Stroke(chord.get(i), true, i == chord.size() - 1 ? hold.toNanos() : 0));
            }
            for (Key key : chord.reversed()) {
                waiting.add(new Stroke(key, false, 0));
            }
        }
        if (counted == null) {
            timer.arm(clock.nanoTime());
        } else {
            counted.input(this::press);
        }
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
