package jkvm.host.chardev;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import jkvm.work.Workers;

/**
 * One chardev shared by several devices and watched for escapes: Ctrl-A and a letter, as in QEMU. All devices' output
 * goes out as it comes; input goes to the device that has the focus.
 *
 * <p>Lock: this object's, around focus, escape and timestamps. Devices and the shared chardev are called with it open,
 * except that output is handed over inside it, so that a timestamp stays before its line.
 */
final class Mux implements CharDevice {
    private static final int ESCAPE = 1;

    private final StreamChardev host;
    private final Runnable quit;
    private final Optional<Runnable> table;
    private final Workers workers;
    private final List<MuxFront> fronts = new ArrayList<>();
    private final List<MuxFront> monitors = new ArrayList<>();
    /** Starts a monitor when the user first asks for it; null if there is none, or it has been started. */
    private Runnable monitorStart;
    /** Begins and ends a live view; null if there is none. */
    private BooleanSupplier toggleLive;
    private boolean isOnTerminal;
    /** Null while the output goes out. */
    private HeldOutput held;
    private int focus;
    private boolean started;
    private boolean present;
    private boolean escaped;
    private boolean timestamps;
    private boolean atLineStart = true;
    private long timeOrigin;

    /**
     * A chardev without devices.
     *
     * @param host    its loops run while the machine is paused too, so that escapes are seen
     * @param quit    called on the chardev's thread when the user types Ctrl-A x
     * @param table   called for Ctrl-A t; empty if that toggles timestamps
     * @param workers of the machine, for what devices hear
     */
    Mux(StreamChardev host, Runnable quit, Optional<Runnable> table, Workers workers) {
        this.host = host;
        this.quit = quit;
        this.table = table;
        this.workers = workers;
    }

    /**
     * Takes what Ctrl-A T does. Before the first share.
     *
     * @param isOnLiveTerminal true if the view hides this chardev's output
     * @param shown            whether it does now
     */
    synchronized void onLiveKey(BooleanSupplier toggle, boolean isOnLiveTerminal, boolean shown) {
        toggleLive = toggle;
        isOnTerminal = isOnLiveTerminal;
        hold(shown);
    }

    /** One more device's share; the first has the focus. */
    MuxFront newFront(String name) {
        return add(new MuxFront(this, name, workers));
    }

    /** A monitor's share. It goes on while the machine is paused. */
    synchronized MuxFront newMonitor(String name, Workers unpaused) {
        MuxFront front = add(new MuxFront(this, name, unpaused));
        monitors.add(front);
        return front;
    }

    private synchronized MuxFront add(MuxFront front) {
        fronts.add(front);
        if (fronts.size() == 1) {
            front.focus(true);
        }
        return front;
    }

    /** @param start adds a monitor; called on the chardev's thread when the user first leaves a console */
    synchronized void onMonitorKey(Runnable start) {
        monitorStart = start;
    }

    /**
     * A front got its device.
     *
     * @return true if the other side is there already
     */
    boolean frontConnected() {
        boolean first;
        synchronized (this) {
            first = !started;
            started = true;
        }
        if (first) {
            host.connect(this);
        }
        synchronized (this) {
            return present;
        }
    }

    void frontClosed(MuxFront front) {
        boolean last;
        synchronized (this) {
            fronts.remove(front);
            monitors.remove(front);
            focus = 0;
            last = fronts.isEmpty();
            if (!last) {
                fronts.getFirst().focus(true);
            }
        }
        if (last) {
            hold(false);
            host.close();
        }
    }

    void hurry() {
        host.hurry();
    }

    synchronized boolean transmit(byte value) {
        if (timestamps && atLineStart) {
            atLineStart = false;
            send(timestamp());
        }
        boolean taken = emit(value);
        atLineStart |= taken && value == '\n';
        return taken;
    }

    private boolean emit(byte value) {
        if (held == null) {
            return host.transmit(value);
        }
        held.put(value);
        return true;
    }

    private synchronized void hold(boolean holds) {
        HeldOutput before = held;
        held = holds ? new HeldOutput() : null;
        if (before != null) {
            before.giveTo(this::emit);
        }
    }

    private void switchLive() {
        if (toggleLive != null) {
            boolean shown = toggleLive.getAsBoolean();
            hold(shown && isOnTerminal);
        }
    }

    private String timestamp() {
        Duration elapsed = Duration.ofNanos(System.nanoTime() - timeOrigin);
        return "[%02d:%02d:%02d.%03d] ".formatted(elapsed.toHours(), elapsed.toMinutesPart(), elapsed.toSecondsPart(),
                elapsed.toMillisPart());
    }

    /** Text for the user, truncated if there is no room. */
    private void send(String text) {
        for (byte value : text.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII)) {
            emit(value);
        }
    }

    void inputWanted() {
        host.inputWanted();
    }

    void watchWindow(WindowListener listener) {
        host.watchWindow(listener, workers);
    }

    private synchronized MuxFront focused() {
        return fronts.isEmpty() ? null : fronts.get(focus);
    }

    private synchronized List<MuxFront> allFronts() {
        return List.copyOf(fronts);
    }

    @Override
    public int receivable() {
        MuxFront front = focused();
        return front == null ? 0 : front.room();
    }

    @Override
    public void receive(byte[] data, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (escaped) {
                escaped = false;
                command(data[i]);
            } else if (data[i] == ESCAPE) {
                escaped = true;
            } else {
                focused().offer(data[i]);
            }
        }
    }

    private void command(byte letter) {
        switch (letter) {
            case 'h', '?' -> send(help());
            case 'x' -> {
                send("jkvm: Terminated\n");
                quit.run();
            }
            case 's' -> send("\njkvm: no disk data to save\n");
            case 't' -> table.ifPresentOrElse(Runnable::run, this::toggleTimestamps);
            case 'T' -> switchLive();
            case 'b' -> focused().breakReceived();
            case 'c' -> {
                startMonitor();
                switchFocus();
            }
            case ESCAPE -> focused().offer(letter);
            default -> {
                // Like QEMU: an unknown letter is swallowed with its escape.
            }
        }
    }

    private String help() {
        return """

            C-a h    print this help
            C-a x    exit jkvm
            C-a s    save disk data back to file (there are no such disks)
            C-a t    %s
            C-a b    send break (magic sysrq)
            C-a c    switch between consoles
            C-a C-a  sends C-a
            """.formatted((table.isPresent() ? "print the table of exits" : "toggle console timestamps")
                + (toggleLive == null ? "" : "\nC-a T    show the exits live, or end that"));
    }

    private synchronized void toggleTimestamps() {
        timestamps = !timestamps;
        atLineStart = false;
        timeOrigin = System.nanoTime();
    }

    private void startMonitor() {
        Runnable start;
        synchronized (this) {
            start = monitorStart;
            monitorStart = null;
        }
        if (start != null) {
            start.run();
        }
    }

    /** A monitor shows its prompt; a device gets a line that says where the user is. */
    private synchronized void switchFocus() {
        if (fronts.size() < 2) {
            send("\njkvm: there is no monitor and no other console here\n");
            return;
        }
        MuxFront old = focused();
        old.focus(false);
        focus = (focus + 1) % fronts.size();
        focused().focus(true);
        if (!monitors.contains(old) && !monitors.contains(focused())) {
            send("\njkvm: console " + (focus + 1) + " of " + fronts.size() + "\n");
        }
    }

    @Override
    public void writable() {
        allFronts().forEach(MuxFront::writable);
    }

    @Override
    public void connected(boolean there) {
        synchronized (this) {
            present = there;
        }
        allFronts().forEach(front -> front.connected(there));
    }
}
