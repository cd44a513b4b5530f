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
import jkvm.abi.KvmRun;
import jkvm.host.chardev.CharDevice;
import jkvm.host.chardev.Chardev;
import jkvm.machine.Machine;
import jkvm.machine.MachineDebug;
import jkvm.machine.MachineEvent;
import jkvm.machine.MachineState;
import jkvm.vm.Vcpu;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * Serves gdb over a chardev. A debugger that comes pauses the machine; one that goes away leaves it as it was before,
 * without its breakpoints. Its input is bounded in length and trusted in nothing. Closed after the machine's run,
 * before its chardev.
 *
 * <p>Lock: this object's, around what the chardev and the machine hand over to the worker.
 */
public final class GdbServer implements CharDevice, AutoCloseable {
    private static final int INPUT_ROOM = 4 * PacketReader.MAX_SIZE;
    private static final byte[] ELF_32 = {0x7F, 'E', 'L', 'F', 1};
    private static final int SIGINT = 2;
    private static final int SIGTRAP = 5;
    /** The conditions of a debug register are met (SDM volume 3, 18.2.3). */
    private static final long CONDITIONS = 0xF;

    private final Machine machine;
    private final MachineDebug debug;
    private final Chardev chardev;
    private final Breakpoints breakpoints;
    private final GdbSession session;
    private final PacketReader reader = new PacketReader(new Arrivals());
    private final Worker worker;
    private final Deque<Byte> input = new ArrayDeque<>();
    private final Deque<Byte> output = new ArrayDeque<>();
    /** The vCPU whose debug exit stops the machine, null for another reason. Guarded by this, as the next four. */
    private Vcpu stoppedVcpu;
    private long conditions;
    private boolean isPresent;
    private boolean isStopped;
    private boolean hasLeft;
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
     * @param workers that are not the machine's
     */
    @SuppressWarnings("this-escape")
    public GdbServer(Machine machine, Chardev chardev, boolean wide, Workers workers) {
        this.machine = machine;
        this.debug = machine.debug();
        this.chardev = chardev;
        breakpoints = new Breakpoints(debug);
        session = new GdbSession(machine, debug, breakpoints, new TargetDescription(wide));
        machine.addListener(this::happened);
        debug.listener(this::debugExit);
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
        worker.wake();
    }

    /** On the vCPU's thread. */
    private void debugExit(Vcpu vcpu) {
        KvmRun run = vcpu.kvmRun();
        synchronized (this) {
            if (stoppedVcpu == null) {
                stoppedVcpu = vcpu;
                conditions = run.debugDr6() & CONDITIONS;
            }
        }
        var _ = debug.stop();
    }

    /** On the machine's thread. */
    private void happened(MachineEvent event) {
        switch (event.type()) {
            case STOP -> {
                synchronized (this) {
                    isStopped = true;
                }
                worker.wake();
            }
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
        if (isRunning && takeStop()) {
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
            takeStop();
        }
    }

    /** The debugger has gone: its breakpoints go, and the machine continues if it ran before it came. */
    private void leave() {
        isServed = false;
        chardev.inputWanted();
        output.clear();
        reader.reset();
        if (pause()) {
            takeStop();
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

    private synchronized boolean takeStop() {
        boolean stopped = isStopped;
        isStopped = false;
        return stopped;
    }

    private String stopReply() {
        Vcpu vcpu;
        long met;
        synchronized (this) {
            vcpu = stoppedVcpu;
            met = conditions;
            stoppedVcpu = null;
        }
        boolean asked = isInterrupted && vcpu == null;
        isInterrupted = false;
        if (vcpu == null) {
            return session.stopReply(asked ? SIGINT : SIGTRAP);
        }
        session.stoppedAt(vcpu.id());
        String watched = breakpoints.inRegister(Long.numberOfTrailingZeros(met)).filter(one -> !one.isCode())
                .map(one -> "%s:%x;".formatted(one.kind().word, one.address())).orElse("");
        return session.stopReply(SIGTRAP) + watched;
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
            case RUN -> {
                takeStop();
                isRunning = true;
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

    /** Tells the debugger that the guest has ended. Once, after the machine's run. */
    public void ended(int status) {
        worker.close();
        if (isServed && isRunning) {
            send("W%02x".formatted(status & 0xFF));
            flush();
        }
    }

    @Override
    public void close() {
        worker.close();
    }
}
