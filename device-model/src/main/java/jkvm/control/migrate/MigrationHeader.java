package jkvm.control.migrate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jkvm.machine.RunState;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.machine.snapshot.SnapshotRecord;
import jkvm.machine.snapshot.SnapshotWriter;
import jkvm.state.StateException;

/** The sections that a migration adds to a machine's: whether the source waits for answers, and whether it ran. */
final class MigrationHeader {
    private static final String ANSWERS = "migration-answers";
    private static final String RUN_STATE = "run-state";
    /** Post-copy begins: the pages that the target does not have, as bits. */
    static final String MISSING = "postcopy-missing";
    /** The states of all devices are over. */
    static final String DEVICES = "postcopy-devices";
    /** The target goes on; what follows is the rest of RAM. */
    static final String GO = "postcopy-go";

    private boolean wantsAnswers;
    private RunState runState = RunState.RUNNING;

    /** @param isTwoWay the source waits for answers */
    static void write(SnapshotWriter out, boolean isTwoWay) throws IOException {
        if (isTwoWay) {
            out.section(ANSWERS, new byte[0]);
        }
    }

    /** @param state of the machine before it stopped */
    static void writeState(SnapshotWriter out, RunState state) throws IOException {
        out.section(RUN_STATE, state.text().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Takes a section, if it is one of these.
     *
     * @return false if it belongs to the machine
     */
    boolean take(SnapshotRecord.Section section) {
        switch (section.name()) {
            case ANSWERS -> wantsAnswers = true;
            case RUN_STATE -> {
                String text = new String(section.bytes(), StandardCharsets.UTF_8);
                runState = Arrays.stream(RunState.values()).filter(state -> state.text().equals(text)).findFirst()
                        .orElseThrow(() -> new StateException("the state is of a machine in an unknown state"));
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /**
     * Takes all of them out of a state that is held.
     *
     * @return the machine's own part of it
     */
    MachineSnapshot takeFrom(MachineSnapshot state) {
        MachineSnapshot own = state;
        for (String name : state.names()) {
            if (take(new SnapshotRecord.Section(name, state.section(name)))) {
                own = own.without(name);
            }
        }
        return own;
    }

    boolean wantsAnswers() {
        return wantsAnswers;
    }

    RunState runState() {
        return runState;
    }
}
