package jkvm.work;

import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * The way of all input from outside to a guest whose time is counted: when it comes, and what is written down of it.
 * For the vCPU's thread, but for {@link #add} and {@link #clear}.
 */
final class InputGate {
    static final long NEVER = Long.MAX_VALUE;

    private final InputLog log;
    private final InstructionClock clock;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final Map<String, Consumer<byte[]>> channels = new HashMap<>();
    /** The moment at which the actions in {@link #waiting} run. */
    private long due = NEVER;
    private volatile Consumer<String> divergence = _ -> { };

    InputGate(InputLog log, InstructionClock clock) {
        this.log = log;
        this.clock = clock;
    }

    /** @return false if what comes from outside is ignored */
    boolean add(Runnable action) {
        return !log.isReplay() && waiting.add(action);
    }

    void clear() {
        waiting.clear();
    }

    /** The next moment for input; {@link #NEVER} if there is none. */
    long due() {
        InputEntry next = log.next();
        return next == null ? due : next.nanos();
    }

    /** True if what waits has not been given a moment yet. */
    boolean isUnnoticed() {
        return due == NEVER && !waiting.isEmpty();
    }

    /** Gives what waits a moment. */
    void note(long now) {
        if (isUnnoticed()) {
            due = (now / InstructionClock.INPUT_QUANTUM_NANOS + 1) * InstructionClock.INPUT_QUANTUM_NANOS;
        }
    }

    /** The moment has come. */
    void handOver() {
        due = NEVER;
        if (log.isReplay()) {
            replay();
            return;
        }
        int count = waiting.size();
        for (int i = 0; i < count; i++) {
            Runnable input = waiting.poll();
            if (input != null) {
                input.run();
            }
        }
    }

    private void replay() {
        long now = clock.nanos();
        for (InputEntry next = log.next(); next != null && next.nanos() <= now; next = log.next()) {
            log.advance();
            if (next.count() != clock.count()) {
                divergence.accept("input of " + next.channel() + " came after " + clock.count()
                        + " instructions, where the recording has " + next.count());
            }
            Consumer<byte[]> taker = channels.get(next.channel());
            if (taker == null) {
                divergence.accept("there is no " + next.channel() + ", to which the recording has input");
                return;
            }
            try {
                taker.accept(next.data());
            } catch (RuntimeException e) {
                divergence.accept("input of " + next.channel() + " makes no sense: " + e.getMessage());
            }
        }
    }

    /** Goes back to a state in which nothing waits. */
    void reset(int position) {
        due = NEVER;
        log.position(position);
    }

    void channel(String name, Consumer<byte[]> taker) {
        if (channels.putIfAbsent(name, taker) != null) {
            throw new IllegalArgumentException("two channels " + name);
        }
    }

    void deliver(String name, byte[] data) {
        record(name, data);
        channels.get(name).accept(data);
    }

    void record(String name, byte[] data) {
        log.write(new InputEntry(clock.count(), clock.nanos(), name, data));
    }

    void onDivergence(Consumer<String> listener) {
        divergence = listener;
    }

    InputLog log() {
        return log;
    }
}
