package jkvm.machine.snapshot;

/** How the machine that takes a state over is related to the one that was saved. */
public enum Lineage {
    /** It is the same machine, which goes on here and nowhere else, as after a migration. */
    CONTINUED,
    /** It is a copy: the saved machine, or another copy, may have gone on from this state or may do so. */
    COPY
}
