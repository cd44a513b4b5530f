package jkvm.machine;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import jkvm.work.InputChannel;
import jkvm.work.InstructionClock;

/**
 * The inputs of a machine that the user makes by commands, where the machine's inputs are recorded, or come from a
 * recording. Any thread may call.
 */
final class MachineInputs {
    /** The channel of the recording's end. */
    static final String END = "machine.end";

    private final InstructionClock clock;
    private final InputChannel power, nmi, reset, end;

    /** The machine's acts on commands, on the vCPU's thread. */
    interface Acts {
        void pressPowerButton();

        void injectNmi();

        /** The recording has a reset by the user here. */
        void reset();

        /** The recording ends here. */
        void end();
    }

    private MachineInputs(InstructionClock clock, Acts acts) {
        this.clock = clock;
        power = clock.channel("machine.power-button", _ -> acts.pressPowerButton());
        nmi = clock.channel("machine.nmi", _ -> acts.injectNmi());
        reset = clock.channel("machine.reset", _ -> acts.reset());
        end = clock.channel(END, _ -> acts.end());
    }

    /**
     * The inputs of a machine.
     *
     * @param clock null where time is the host's
     * @return null for a machine without a recording
     */
    static MachineInputs of(InstructionClock clock, Acts acts) {
        return clock != null && clock.log().isUsed() ? new MachineInputs(clock, acts) : null;
    }

    /**
     * Begins.
     *
     * @param facts   in which a replay agrees with the recording
     * @param differs hears where it does not agree later, in a sentence
     * @throws jkvm.work.InputLogException if the recording is of another machine
     */
    void begin(List<String> facts, Consumer<String> differs) {
        clock.log().begin(facts);
        clock.onDivergence(differs);
    }

    boolean isReplay() {
        return clock.log().isReplay();
    }

    /** The answer to input from outside in a replay. */
    static CompletableFuture<Void> refused() {
        return CompletableFuture.failedFuture(new IllegalStateException(
                "the machine repeats a recording, and takes no other input"));
    }

    /** Presses the power button at the next moment for input. Does not wait for it: a paused guest has none. */
    void powerButton() {
        clock.input(power::deliver);
    }

    /** Interrupts the vCPU at the next moment for input, without a wait, too. */
    void nmi() {
        clock.input(nmi::deliver);
    }

    /** A reset by the user comes now. The vCPU stands. */
    void noteReset() {
        reset.record();
    }

    /** The machine has ended. The vCPU stands. */
    void end() {
        end.record();
        clock.log().close();
    }
}
