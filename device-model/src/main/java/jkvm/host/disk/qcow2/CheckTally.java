package jkvm.host.disk.qcow2;

import java.util.function.Consumer;

/** Errors that a check has found so far. Each has a line of text, which goes to {@code lines} at once. */
final class CheckTally {
    private final Consumer<String> lines;
    private long corruptions;
    private long leaks;
    private long checkErrors;
    private long corruptionsFixed;
    private long leaksFixed;

    CheckTally(Consumer<String> lines) {
        this.lines = lines;
    }

    /** A number as the lines show it. */
    static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    /** The same numbers, which change apart from these. */
    CheckTally copy() {
        CheckTally copy = new CheckTally(lines);
        copy.corruptions = corruptions;
        copy.leaks = leaks;
        copy.checkErrors = checkErrors;
        copy.corruptionsFixed = corruptionsFixed;
        copy.leaksFixed = leaksFixed;
        return copy;
    }

    void say(String line) {
        lines.accept(line);
    }

    void corruption(String line) {
        corruptions++;
        say(line);
    }

    void leak(String line) {
        leaks++;
        say(line);
    }

    /** Something could not be checked. */
    void checkError(String line) {
        checkErrors++;
        say(line);
    }

    /** Errors that were counted are repaired. */
    void fixed(long errors) {
        corruptions -= errors;
        corruptionsFixed += errors;
    }

    /** Repaired before it was counted. */
    void fixedError(String line) {
        corruptionsFixed++;
        say(line);
    }

    void fixedLeak(String line) {
        leaksFixed++;
        say(line);
    }

    /** Counts errors and leaks from zero on. */
    void restart() {
        corruptions = 0;
        leaks = 0;
    }

    /** Of {@code before} all is repaired that is not in this tally. */
    void countFixedSince(CheckTally before) {
        corruptionsFixed = before.corruptionsFixed + Math.max(0, before.corruptions - corruptions);
        leaksFixed = before.leaksFixed + Math.max(0, before.leaks - leaks);
    }

    long corruptions() {
        return corruptions;
    }

    long leaks() {
        return leaks;
    }

    long checkErrors() {
        return checkErrors;
    }

    long corruptionsFixed() {
        return corruptionsFixed;
    }

    long leaksFixed() {
        return leaksFixed;
    }

    /** Nothing is wrong, or nothing is wrong any more. */
    boolean isClean() {
        return corruptions == 0 && leaks == 0 && checkErrors == 0;
    }
}
