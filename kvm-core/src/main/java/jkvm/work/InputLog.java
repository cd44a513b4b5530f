package jkvm.work;

import java.nio.file.Path;
import java.util.List;

/**
 * The inputs of a guest whose time is counted in instructions, each with the moment at which the guest took it. With
 * them, and nothing else, another run of the same machine does the same again, in each bit.
 *
 * <p>A log is a text: a line that says so, the machine's facts, each after {@code = }, and a line for each input with
 * count of instructions, nanoseconds, channel and bytes in hexadecimal digits. It is whole up to each line: one whose
 * writer was killed ends early.
 *
 * <p>Used by the thread that runs the vCPU, or while the vCPU stands.
 */
public sealed interface InputLog extends AutoCloseable permits NoInputLog, InputRecorder, InputPlayer {
    /** The first line. */
    String HEADER = "jkvm input log 1";
    /** Begins a line with a fact. */
    String FACT = "= ";

    /** Nothing is written down, and input comes from outside. */
    static InputLog none() {
        return new NoInputLog();
    }

    /**
     * Writes inputs down in a new file, in the place of one that is there.
     *
     * @throws InputLogException if the file cannot be made
     */
    static InputLog record(Path path) {
        return InputRecorder.create(path);
    }

    /**
     * Takes inputs from a file instead of from outside.
     *
     * @throws InputLogException if it cannot be read, or is no such log
     */
    static InputLog replay(Path path) {
        return InputPlayer.open(path);
    }

    /** True where inputs are written down. */
    default boolean isRecording() {
        return false;
    }

    /** True where inputs come from the log alone. */
    default boolean isReplay() {
        return false;
    }

    /** True where there is a log at all. */
    default boolean isUsed() {
        return isRecording() || isReplay();
    }

    /**
     * Begins, before the guest executes anything.
     *
     * @param facts about the machine, each in one line, in which a replay has to agree
     * @throws InputLogException if the log is of another machine
     */
    void begin(List<String> facts);

    /** Writes an input down; does nothing where none is recorded. */
    default void write(InputEntry entry) {
        // A replay has it, and without a log nobody reads it.
    }

    /** The next input to come; null where none is left, or it comes from outside. */
    default InputEntry next() {
        return null;
    }

    /** Passes {@link #next()}. */
    default void advance() {
        throw new IllegalStateException("input comes from outside");
    }

    /** How many inputs were passed. */
    default int position() {
        return 0;
    }

    /** Goes to a position of before. */
    default void position(int position) {
        // Input comes from outside, whatever was before.
    }

    /** The last input that is left, null for none. */
    default InputEntry last() {
        return null;
    }

    @Override
    void close();
}
