package jkvm.control.gdb;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import jkvm.control.hmp.HumanMonitor;
import jkvm.host.chardev.CharDevice;
import jkvm.host.chardev.Chardev;
import jkvm.machine.Machine;
import jkvm.machine.MachineDebug;
import jkvm.machine.MachineEvent;
import jkvm.machine.MachineListener;
import jkvm.machine.MachineState;
import jkvm.machine.ReplayHistory;
import jkvm.vm.Vcpu;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * Serves gdb over a chardev. A debugger that comes pauses the machine; one that goes away leaves it as it was before,
 * without its breakpoints. Its input is bounded in length and trusted in nothing. Closed before its chardev, at any
 * time.
 *
 * <p>Lock: this object's, around what the chardev and the machine hand over to the worker.
 */
public final class GdbServer implements CharDevice, AutoCloseable {
    private static final int INPUT_ROOM = 4 * PacketReader.MAX_SIZE;
    private static final byte[] ELF_32 = {0x7F, 'E', 'L', 'F', 1};
    /** Sent outside packets. */
    private static final byte INTERRUPT = 3;
    private static final int SIGINT = 2;
    private static final int SIGTRAP = 5;
    private static final String AT_END = "replaylog:end;";

    private final Machine machine;
    private final MachineDebug debug;
    private final Chardev chardev;
    private final Breakpoints breakpoints;
    private final GdbSession session;
    private final PacketReader reader = new PacketReader(new Arrivals());
    private final Worker worker;
    private final Deque<Byte> input = new ArrayDeque<>();
    private final Deque<Byte> output = new ArrayDeque<>();
    private final DebugStops stops;
    private final MachineListener listener = this::happened;
    /** Guarded by this, as the next field. */
    private boolean isPresent;
    private boolean hasLeft;
    /** The worker leads the machine back, and hears of an interrupt at once. */
    private volatile boolean isLeading;
    /** For the worker: a debugger is served; it waits for a stop; it asked for that; it wants no signs of receipt. */
    private boolean isServed;
    private boolean isRunning;
    private boolean isInterrupted;
    private boolean isQuiet;
    private boolean wasRunning;
    private byte[] last = {};

    /**
     * Connects to the chardev.
     *
     * @param chardev goes on while the machine is paused
     * @param wide    true to describe a processor of 64 bits, false for a program of 32
     * @param monitor for the debugger's {@code monitor} commands, with no other user
     * @param workers that are not the machine's
     */
    @SuppressWarnings("this-escape")
    public GdbServer(Machine machine, Chardev chardev, boolean wide, HumanMonitor monitor, Workers workers) {
        this.machine = machine;
        this.debug = machine.debug();
        this.chardev = chardev;
        stops = new DebugStops(machine);
        breakpoints = new Breakpoints(debug);
        session = new GdbSession(monitor, debug, breakpoints, new TargetDescription(wide));
        machine.addListener(listener);
        debug.listener(this::debugExit);
        debug.history().ifPresent(history -> {
            var _ = history.begin();
        });
        worker = workers.worker("gdb", this::round);
        chardev.connect(this);
    }

    /**
     * Whether the processor is best described with 64 bits: unless the kernel is a program of 32, whose debugging
     * information numbers the registers of such a processor.
     */
    public static boolean isWide(Optional<Path> kernel) {
        if (kernel.isEmpty()) {
            return true;
        }
        try (InputStream in = Files.newInputStream(kernel.get())) {
            return !Arrays.equals(in.readNBytes(ELF_32.length), ELF_32);
        } catch (IOException _) {
            // The loader says so.
            return true;
        }
    }

    @Override
    public synchronized int receivable() {
        return INPUT_ROOM - input.size();
    }

    @Override
    public void receive(byte[] data, int offset, int length) {
        synchronized (this) {
            for (int i = 0; i < length; i++) {
                input.add(data[offset + i]);
                if (isLeading && data[offset + i] == INTERRUPT) {
                    stops.abandon();
                }
            }
        }
        worker.wake();
    }

    @Override
    public void writable() {
        worker.wake();
    }

    @Override
    public void connected(boolean present) {
        synchronized (this) {
            isPresent = present;
            hasLeft |= !present;
            if (!present) {
                input.clear();
            }
        }
        if (!present) {
            stops.abandon();
        }
        worker.wake();
    }

    /** On the vCPU's thread. */
    private void debugExit(Vcpu vcpu) {
        stops.exit(vcpu, vcpu.kvmRun().debugDr6() & Breakpoints.CONDITIONS);
        var _ = debug.stop();
    }

    /** On the machine's thread. */
    private void happened(MachineEvent event) {
        switch (event.type()) {
            case STOP -> {
                stops.stopped();
                worker.wake();
            }
            case SHUTDOWN -> stops.abandon();
            case RESET -> breakpoints.rearm();
            default -> {
                // Nothing that a debugger hears of.
            }
        }
    }

    private void round() {
        serveConnection();
        if (!isServed) {
            return;
        }
        if (isRunning && stops.take()) {
            breakpoints.disarm();
            isRunning = false;
            send(stopReply());
        }
        while (flush()) {
            int next = takeInput();
            if (next < 0) {
                break;
            }
            reader.read((byte) next);
        }
    }

    private void serveConnection() {
        boolean present;
        boolean left;
        synchronized (this) {
            present = isPresent;
            left = hasLeft;
            hasLeft = false;
        }
        if (left && isServed) {
            leave();
        }
        if (present && !isServed) {
            begin();
        }
    }

    private void begin() {
        wasRunning = machine.state() == MachineState.RUNNING;
        if (pause()) {
            isServed = true;
            isRunning = false;
            isQuiet = false;
            session.begin();
            stops.take();
        }
    }

    /** The debugger has gone: its breakpoints go, and the machine continues if it ran before it came. */
    private void leave() {
        isServed = false;
        chardev.inputWanted();
        output.clear();
        reader.reset();
        if (pause()) {
            stops.take();
            release(wasRunning);
        }
    }

    private void release(boolean resume) {
        breakpoints.disarm();
        breakpoints.clear();
        breakpoints.arm(null);
        debug.runAll();
        if (resume) {
            var _ = machine.resume();
        }
    }

    /** @return false if the machine has ended */
    private boolean pause() {
        try {
            machine.pause().join();
            return true;
        } catch (CompletionException _) {
            return false;
        }
    }

    private String stopReply() {
        ReverseRun.Stop stop = stops.takeExit();
        boolean asked = isInterrupted && stop.vcpu() == null;
        isInterrupted = false;
        if (stop.vcpu() == null) {
            return session.stopReply(asked ? SIGINT : SIGTRAP) + (!asked && isAtEnd() ? AT_END : "");
        }
        session.stoppedAt(stop.vcpu().id());
        String watched = breakpoints.inRegister(Long.numberOfTrailingZeros(stop.conditions()))
                .map(Breakpoint::reason).orElse("");
        return session.stopReply(SIGTRAP) + watched;
    }

    /** A replay stops before its end, where the debugger can still look, and lead it back. */
    private boolean isAtEnd() {
        return debug.history().filter(history -> history.last().orElse(-1) == history.count()).isPresent();
    }

    private int takeInput() {
        int value;
        boolean isWanted;
        synchronized (this) {
            if (input.isEmpty()) {
                return -1;
            }
            isWanted = input.size() == INPUT_ROOM;
            value = input.remove() & 0xFF;
        }
        if (isWanted) {
            chardev.inputWanted();
        }
        return value;
    }

    /** @return true if nothing waits for room any more */
    private boolean flush() {
        while (!output.isEmpty()) {
            if (!chardev.transmit(output.peek())) {
                return false;
            }
            output.remove();
        }
        return true;
    }

    private void send(String reply) {
        last = PacketReader.frame(reply);
        put(last);
    }

    private void put(byte... bytes) {
        for (byte value : bytes) {
            output.add(value);
        }
    }

    /** Takes the debugger's input, on the worker. */
    private final class Arrivals implements PacketReader.Sink {

        @Override
        public void packet(byte[] data) {
            acknowledge('+');
            if (isRunning) {
                // The protocol allows nothing but an interrupt then.
                return;
            }
            String answer = session.answer(data);
            if (answer != null) {
                send(answer);
            }
            isQuiet |= session.wantsQuiet();
            act(session.then());
        }

        @Override
        public void damaged() {
            acknowledge('-');
        }

        @Override
        public void tooLong() {
            acknowledge('+');
            send(GdbSession.BAD_ARGUMENT);
        }

        @Override
        public void resend() {
            put(last);
        }

        @Override
        public void interrupt() {
            if (isRunning) {
                isInterrupted = true;
                var _ = machine.pause();
            }
        }

        private void acknowledge(char sign) {
            if (!isQuiet) {
                put((byte) sign);
            }
        }
    }

    private void act(GdbSession.Then then) {
        switch (then) {
            case STEP_BACK, RUN_BACK -> goBack(then == GdbSession.Then.STEP_BACK);
            case RUN -> {
                stops.take();
                isRunning = true;
                debug.history().ifPresent(ReplayHistory::proceed);
                var _ = machine.resume().exceptionally(_ -> {
                    // The guest has shut down: it stands where it is.
                    var _ = machine.pause();
                    return null;
                });
            }
            case DETACH -> {
                wasRunning = true;
                release(true);
            }
            case END -> machine.quit();
            case STAY -> {
                // The guest stays as it is.
            }
        }
    }

    private void goBack(boolean oneStep) {
        ReverseRun back = new ReverseRun(debug.history().orElseThrow(), breakpoints, stops);
        stops.begin();
        isRunning = true;
        isLeading = true;
        try {
            send(session.stopReply(SIGTRAP) + (oneStep ? back.step() : back.resume()));
            isRunning = false;
        } catch (ReverseRun.Abandoned _) {
            if (pause()) {
                stops.take();
                isRunning = false;
                send(session.stopReply(SIGINT));
            }
        } finally {
            isLeading = false;
        }
    }

    /** Tells the debugger that the guest has ended. Once, after the machine's run. */
    public void ended(int status) {
        worker.close();
        if (isServed && isRunning) {
            send("W%02x".formatted(status & 0xFF));
            flush();
        }
    }

    /**
     * Stops to serve. A debugger that is there is left: the machine, where it has not ended, loses the breakpoints and
     * continues if it ran before. Not called on a thread of the machine's or the server's.
     */
    @Override
    public void close() {
        stops.abandon();
        worker.close();
        machine.removeListener(listener);
        if (isServed) {
            leave();
        }
    }
}
