package jkvm.control.guest;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSregs;
import jkvm.control.guest.GuestWaitException.Reason;
import jkvm.host.display.DisplayHub;
import jkvm.host.display.Picture;
import jkvm.host.display.TextScreen;
import jkvm.host.input.Key;
import jkvm.inspect.ExitPlace;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.MachineDebug;
import jkvm.machine.MachineExit;
import jkvm.machine.MachineListener;
import jkvm.machine.MachineState;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.MachineWarning;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;
import jkvm.work.InstructionClock;
import jkvm.work.Workers;

/**
 * A machine in a program: runs on a thread of its own, its console in memory. Where the configuration has a serial port
 * or console on {@linkplain MachineConfig.Builder#console() standard input and output}, the program is the other side;
 * other chardevs, disks and networks are as {@code jkvm} opens them.
 *
 * {@snippet :
 * MachineConfig config = MachineConfig.builder().memory(1 << 20).console().entry(0x1000)
 *         .device(DeviceConfig.of(IsaDebugExitType.TYPE).with(IsaDebugExitType.PORT, 0xF4)).build();
 * try (Guest guest = Guest.builder(config).accelerator(Accelerators.open("soft")).build()) {
 *     guest.write(0x1000, HexFormat.ofDelimiter(" ").parseHex(
 *             "ba f8 03 b0 3f ee "            // mov dx, 0x3F8; mov al, '?'; out dx, al
 *             + "ec 3c 79 75 fb "             // again: in al, dx; cmp al, 'y'; jne again
 *             + "e6 f4"));                    // out 0xF4, al
 *     guest.start().awaitOutput("?");
 *     assert guest.registers(0).rdx() == 0x3F8;
 *     guest.type("y");
 *     assert guest.awaitEnd().status() == ('y' << 1 | 1);
 *     assert guest.exits().stream().anyMatch(exit -> exit.exit().equals("IO out") && exit.place() == 0x3F8);
 * }
 * }
 *
 * <p>Any thread may call, but for those of listeners, which may not wait for the machine they hold up. A method that
 * waits throws a {@link GuestWaitException}, whose message shows the guest's state, when its time is over.
 */
public final class Guest implements AutoCloseable {
    /** How long the machine may take to act on a command. */
    private static final Duration COMMAND_PATIENCE = Duration.ofSeconds(30);
    private static final Duration REPORT_PATIENCE = Duration.ofSeconds(2);

    private final Accelerator accelerator;
    private final Workers workers = Workers.onThreads();
    private final GuestExits exits = new GuestExits();
    private final Duration patience;
    private final GuestChardevs chardevs;
    private final Optional<InstructionClock> clock;
    private final List<MachineWarning> warnings;
    private final Machine machine;
    private final GuestThread thread;

    Guest(GuestBuilder builder) {
        MachineConfig config = builder.config;
        Syscalls host = new FfmSyscalls();
        patience = builder.patience;
        clock = config.time().newClock();
        accelerator = builder.accelerator != null ? builder.accelerator
                : Accelerators.open(config.host().accelerators(), host, config.softOptions(clock.orElse(null)));
        chardevs = new GuestChardevs(host, builder.charset, workers);
        try {
            MachineBuilder machineBuilder = new MachineBuilder(config, accelerator.syscalls(), chardevs::open)
                    .clock(clock.orElse(null)).workers(workers).observer(exits).biosServices(builder.biosServices);
            if (builder.isAwaiting) {
                machineBuilder.awaitsState();
            }
            machine = machineBuilder.build();
            warnings = machineBuilder.warnings();
        } catch (RuntimeException e) {
            closeHostSides();
            throw e;
        }
        thread = new GuestThread(machine, () -> chardevs.consoles().forEach(GuestConsole::end));
    }

    /** A guest with the accelerator that its configuration asks for. */
    public static Guest of(MachineConfig config) {
        return builder(config).build();
    }

    /** Begins a guest. */
    public static GuestBuilder builder(MachineConfig config) {
        return new GuestBuilder(config);
    }

    /** The machine, for all that this class does not do itself: snapshots, ports, tasks while it stands. */
    public Machine machine() {
        return machine;
    }

    /** The KVM that it runs on. */
    public Accelerator accelerator() {
        return accelerator;
    }

    /** The clock, where time is counted in instructions. */
    public Optional<InstructionClock> clock() {
        return clock;
    }

    /** The settings that the machine ignores. */
    public List<MachineWarning> warnings() {
        return warnings;
    }

    /** Tells a listener the machine's events from now on. */
    public Guest onEvent(MachineListener listener) {
        machine.addListener(listener);
        return this;
    }

    /** Tells a listener each exit from now on. */
    public Guest onExit(ExitListener listener) {
        exits.add(Objects.requireNonNull(listener));
        return this;
    }

    /**
     * Starts the guest.
     *
     * @throws IllegalStateException if it was started before
     */
    public Guest start() {
        thread.start();
        return this;
    }

    /** Starts the guest paused before its first instruction. */
    public Guest startPaused() {
        var _ = machine.pause();
        return start();
    }

    /** Where the machine is in its life. */
    public MachineState state() {
        return machine.state();
    }

    /** Stops the guest, and its clocks. */
    public void pause() {
        await(machine.pause());
    }

    /** Lets a paused guest continue. */
    public void resume() {
        await(machine.resume());
    }

    /** Resets the machine. */
    public void reset() {
        await(machine.reset());
    }

    /** Presses the power button, to which the guest's system may react. */
    public void powerButton() {
        await(machine.powerButton());
    }

    /**
     * Presses keys of the keyboard, and lets them go.
     *
     * @param chords one after the other, in QEMU's names: {@code a}, {@code ret}, {@code ctrl-alt-delete}
     * @throws IllegalArgumentException if there is no such {@link Key}
     */
    public void press(String... chords) {
        List<List<Key>> keys = Arrays.stream(chords).map(Key::chord).toList();
        keys.forEach(chord -> await(machine.press(chord, Duration.ZERO)));
    }

    /** Ends the guest, and waits for that. */
    public MachineExit quit() {
        machine.quit();
        return awaitEnd(COMMAND_PATIENCE);
    }

    /** Waits for the guest's end. */
    public MachineExit awaitEnd() {
        return awaitEnd(patience);
    }

    /** As {@link #awaitEnd()}, for so long. */
    public MachineExit awaitEnd(Duration time) {
        return GuestWaits.get(thread.end(), time,
                () -> "the guest has not ended within " + time.toMillis() + " ms\n" + report());
    }

    /** How the guest ended; empty as long as it runs. */
    public Optional<MachineExit> exit() {
        CompletableFuture<MachineExit> end = thread.end();
        return end.state() == CompletableFuture.State.SUCCESS ? Optional.of(end.resultNow()) : Optional.empty();
    }

    /**
     * Waits until the guest has written a text to its first console, after what was waited for before.
     *
     * @return the output from there to the end of the text
     */
    public String awaitOutput(String text) {
        return awaitOutput(text, patience);
    }

    /** As {@link #awaitOutput(String)}, for so long. */
    public String awaitOutput(String text, Duration time) {
        StringBuilder output = new StringBuilder();
        return output.append(awaitOutput(Pattern.compile(text, Pattern.LITERAL), time, output).group()).toString();
    }

    /** As {@link #awaitOutput(String)}, for a text that a regular expression finds. */
    public MatchResult awaitOutput(Pattern pattern) {
        return awaitOutput(pattern, patience);
    }

    /** As {@link #awaitOutput(Pattern)}, for so long. */
    public MatchResult awaitOutput(Pattern pattern, Duration time) {
        return awaitOutput(pattern, time, new StringBuilder());
    }

    private MatchResult awaitOutput(Pattern pattern, Duration time, StringBuilder before) {
        try {
            return chardevs.console().await(pattern, time.toNanos(), before).orElseThrow(() -> noOutput(pattern, time));
        } catch (InterruptedException _) {
            throw GuestWaits.interrupted();
        }
    }

    private GuestWaitException noOutput(Pattern pattern, Duration time) {
        boolean hasEnded = thread.end().isDone();
        String within = " within " + time.toMillis() + " ms";
        String problem = hasEnded ? "the guest has ended without"
                : thread.isStarted() ? "the guest has not written" + within : "start() was not called" + within;
        return new GuestWaitException(hasEnded ? Reason.GUEST_ENDED : Reason.TIMED_OUT,
                problem + ": " + pattern + "\n" + report());
    }

    /** The output to the first console: all of it, or the last million characters. */
    public String output() {
        return chardevs.console().output();
    }

    /** As {@link #output()}, of the console whose chardev has this label. */
    public String output(String label) {
        return chardevs.console(label).output();
    }

    /**
     * The characters on the screen, in a text mode.
     *
     * @throws IllegalStateException if the machine has no display adapter, or the guest shows a picture
     */
    public TextScreen screen() {
        return display().text().orElseThrow(() -> new IllegalStateException("the guest shows no text but a picture"));
    }

    /**
     * The screen as pixels.
     *
     * @throws IllegalStateException if the machine has no display adapter
     */
    public Picture picture() {
        return display().snapshot();
    }

    private DisplayHub display() {
        return machine.display().orElseThrow(() -> new IllegalStateException("the machine has no display adapter; add "
                + "one: MachineConfig.builder().device(DeviceConfig.of(VgaType.TYPE))"));
    }

    /** Types text at the first console. The guest gets it as fast as it takes it; a line ends with {@code \n}. */
    public void type(String text) {
        chardevs.console().type(text);
    }

    /** The general registers of a vCPU. */
    public KvmRegs registers(int vcpu) {
        return examine(debug -> debug.vcpus().get(vcpu).regs());
    }

    /** Sets the general registers of a vCPU, once it is started: the start itself sets them too. */
    public void registers(int vcpu, KvmRegs values) {
        examine(debug -> {
            debug.vcpus().get(vcpu).regs(values);
            return null;
        });
    }

    /** The segments and control registers of a vCPU. */
    public KvmSregs systemRegisters(int vcpu) {
        return examine(debug -> debug.vcpus().get(vcpu).sregs());
    }

    /**
     * The guest's memory at a physical address.
     *
     * @throws jkvm.memory.GuestAddressException if some of it is no RAM
     */
    public byte[] read(long address, int length) {
        byte[] bytes = new byte[length];
        return examine(debug -> {
            debug.memory().read(address, bytes, 0, length);
            return bytes;
        });
    }

    /**
     * Writes to the guest's memory at a physical address.
     *
     * @throws jkvm.memory.GuestAddressException if some of it is no RAM
     */
    public void write(long address, byte... bytes) {
        examine(debug -> {
            debug.memory().write(address, bytes);
            return null;
        });
    }

    /**
     * Looks into the machine while all of it stands; it continues afterwards if it ran.
     *
     * @param task gets the vCPUs and the memory
     * @return the task's result
     */
    public <T> T examine(Function<MachineDebug, T> task) {
        return examine(task, COMMAND_PATIENCE);
    }

    private <T> T examine(Function<MachineDebug, T> task, Duration patience) {
        if (!thread.isStarted() || thread.end().isDone()) {
            return task.apply(machine.debug());
        }
        try {
            return GuestWaits.get(machine.quiesced(() -> task.apply(machine.debug())), patience,
                    () -> "the machine does not stop for a look at it");
        } catch (IllegalStateException e) {
            if (thread.end().isDone()) {
                return task.apply(machine.debug());
            }
            throw e;
        }
    }

    /** The exits so far by kind and place, the most frequent first. */
    public List<ExitPlace> exits() {
        return exits.places();
    }

    /** The guest's state for people: registers, the code at RIP, exits, the last output. */
    public String report() {
        String vcpus;
        try {
            vcpus = examine(GuestReport::vcpus, REPORT_PATIENCE);
        } catch (RuntimeException e) {
            vcpus = "registers are unknown: " + e.getMessage() + "\n";
        }
        return GuestReport.of(state(), exit(), vcpus, exits.table(), chardevs.consoles());
    }

    private void await(CompletableFuture<Void> command) {
        GuestWaits.get(command, COMMAND_PATIENCE, () -> "the machine does not act on a command\n" + report());
    }

    @Override
    public String toString() {
        return "guest, " + state() + " on " + accelerator;
    }

    /**
     * Ends the guest if it runs, and frees all that it has.
     *
     * @throws java.io.UncheckedIOException if something of a disk could not be saved; all is closed even so
     */
    @Override
    public void close() {
        try {
            machine.close();
        } finally {
            closeHostSides();
        }
    }

    private void closeHostSides() {
        chardevs.close();
        workers.close();
    }
}
