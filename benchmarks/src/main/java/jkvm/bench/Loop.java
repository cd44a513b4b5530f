package jkvm.bench;

/** A loop of the guest {@code loops.S}, in the order of its numbers. */
enum Loop {
    XORSHIFT("ALU: xorshift", 60_000_000, 13.5),
    COLLATZ("branches: collatz", 1_000_000, 879.433),
    CRC("loads: CRC-32 by table", 600, 524_293),
    FIB("calls and returns: fib", 1200, 544_474),
    SORT("stores: bubble sort", 200, 3_991_971);

    final String description;
    /** A run of about a second on TCG. */
    final int count;
    private final double instructionsPerCount;

    Loop(String description, int count, double instructionsPerCount) {
        this.description = description;
        this.count = count;
        this.instructionsPerCount = instructionsPerCount;
    }

    /** The guest's command line. */
    String commandLine(int times) {
        return ordinal() + 1 + " " + times;
    }

    /** Millions of instructions a second. */
    double rate(int times, double milliseconds) {
        return times * instructionsPerCount / milliseconds / 1e3;
    }
}
