package jkvm.bus;

import java.util.ArrayList;
import java.util.List;

/** An interrupt line that remembers what happened to it. */
public final class FakeIrqLine implements IrqLine {
    private final List<Boolean> history = new ArrayList<>();
    private boolean level;
    private int edges;

    @Override
    public synchronized void set(boolean newLevel) {
        if (newLevel != level) {
            history.add(newLevel);
            edges += newLevel ? 1 : 0;
        }
        level = newLevel;
    }

    public synchronized boolean level() {
        return level;
    }

    /** How often the line rose: the interrupts that an edge-triggered controller would have seen. */
    public synchronized int edges() {
        return edges;
    }

    /** Each change of level, oldest first. */
    public synchronized List<Boolean> history() {
        return List.copyOf(history);
    }

    /** Forgets edges and history; the level stays. */
    public synchronized void clear() {
        history.clear();
        edges = 0;
    }
}
