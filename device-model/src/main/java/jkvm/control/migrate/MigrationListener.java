package jkvm.control.migrate;

/** Hears of a machine's migrations, on the thread that carries them out; returns soon. */
public interface MigrationListener {

    /** A migration is that far. */
    void status(MigrationStatus status);

    /** The pages that the guest wrote are looked at, as the number says how often. */
    void pass(long number);
}
