package jkvm.host.input;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import jkvm.work.VmClock;

/**
 * Events that wait until the guest fetches them, in their order. Times are the guest's, so that nothing is pressed in a
 * paused machine. Any thread may call.
 */
final class EventQueue {
    private static final int MAX_WAITING = 1024;
    private static final int MAX_MOTION = 1 << 20;
    private static final long RETRY_NANOS = 5_000_000;

    private final Predicate<InputEvent> sink;
    private final VmClock clock;
    private final VmClock.Timer timer;
    /** Guarded by this, as the next fields. */
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    /** Keys and buttons whose press was taken and whose release was not: there is always room for it. */
    private final Set<Object> held = new HashSet<>();
    private long earliest;

    /** @param rest nanoseconds until the next event */
    private record Waiting(InputEvent event, long rest) {
    }

    /** @param sink gives an event to the guest; called with the queue's lock; false if the guest has no room now */
    EventQueue(VmClock clock, Predicate<InputEvent> sink) {
        this.clock = clock;
        this.sink = sink;
        timer = clock.newTimer(this::deliver);
    }

    /**
     * Takes an event. Motion joins motion that waits.
     *
     * @return false if it is dropped: there is no room for it, or it releases what is not pressed
     */
    synchronized boolean offer(InputEvent event) {
        if (!isTaken(event)) {
            return false;
        }
        InputEvent joined = waiting.isEmpty() ? null : joined(waiting.peekLast().event(), event);
        if (joined != null) {
            waiting.removeLast();
        }
        waiting.add(new Waiting(joined != null ? joined : event, 0));
        timer.arm(clock.nanoTime());
        return true;
    }

    private boolean isTaken(InputEvent event) {
        return switch (event) {
            case InputEvent.Stroke(Key key, boolean isDown) -> isDown ? press(key) : held.remove(key);
            case InputEvent.Press(Button button, boolean isDown) -> isDown ? press(button) : held.remove(button);
            default -> hasRoom(1);
        };
    }

    private boolean press(Object what) {
        if (held.contains(what)) {
            // A repetition: not worth a place behind others.
            return waiting.isEmpty();
        }
        return hasRoom(2) && held.add(what);
    }

    private static InputEvent joined(InputEvent last, InputEvent next) {
        if (last instanceof InputEvent.Absolute && next instanceof InputEvent.Absolute) {
            return next;
        }
        if (last instanceof InputEvent.Relative(int x, int y) && next instanceof InputEvent.Relative(int dx, int dy)) {
            return new InputEvent.Relative(sum(x, dx), sum(y, dy));
        }
        return null;
    }

    private static int sum(int a, int b) {
        return Math.clamp((long) a + b, -MAX_MOTION, MAX_MOTION);
    }

    /** True if this many events can be taken. */
    synchronized boolean hasRoom(int count) {
        return waiting.size() + held.size() + count <= MAX_WAITING;
    }

    /**
     * Keys go down one after the other, and up again.
     *
     * @param hold nanoseconds for which they are down
     */
    synchronized void addChord(List<Key> chord, long hold) {
        for (int i = 0; i < chord.size(); i++) {
            waiting.add(new Waiting(new InputEvent.Stroke(chord.get(i), true), i == chord.size() - 1 ? hold : 0));
        }
        for (Key key : chord.reversed()) {
            waiting.add(new Waiting(new InputEvent.Stroke(key, false), 0));
        }
        timer.arm(clock.nanoTime());
    }

    /** Gives the guest what it has room for. On the clock's thread. */
    synchronized void deliver() {
        long now = clock.nanoTime();
        while (!waiting.isEmpty() && now >= earliest) {
            Waiting next = waiting.peek();
            if (!sink.test(next.event())) {
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
