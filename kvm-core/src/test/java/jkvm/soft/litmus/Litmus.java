package jkvm.soft.litmus;

import java.util.function.Predicate;

/**
 * The litmus tests of {@code litmus.S}, in its order. Each names the outcome that no interleaving of the threads'
 * accesses gives; x86 (SDM vol. 3, 10.2: total store order) allows it only where a load may pass an earlier store.
 */
enum Litmus {
    /** Store buffering: nothing between the store and the load. */
    SB(2, true, o -> o.r(0) == 0 && o.r(1) == 0),
    /** Store buffering with MFENCE. */
    SB_MFENCE(2, false, SB.weak),
    /** Store buffering where the store is an XCHG. */
    SB_XCHG(2, false, SB.weak),
    /** Store buffering with a locked instruction on memory of the thread's own. */
    SB_LOCK(2, false, SB.weak),
    /** Store buffering with a locked instruction whose operand crosses a cache line. */
    SB_SPLIT(2, false, SB.weak),
    /** Store buffering with an instruction that serialises: CPUID. */
    SB_SERIALIZE(2, false, SB.weak),
    /** Message passing. */
    MP(2, false, o -> o.r(1, 0) == 1 && o.r(1, 1) == 0),
    /** Message passing, the data stored by REP STOS. */
    MP_STOS(2, false, MP.weak),
    /** Message passing, the flag stored by REP MOVS. */
    MP_MOVS(2, false, MP.weak),
    /** Load buffering. */
    LB(2, false, o -> o.r(0) == 1 && o.r(1) == 1),
    /** Two stores by two threads in opposite order. */
    W2_2(2, false, o -> o.x() == 1 && o.y() == 1),
    /** A store that follows the load of a later store is not overtaken by the earlier one. */
    S(2, false, o -> o.r(1) == 1 && o.x() == 2),
    /** A store over another one, then a load that passes it. */
    R(2, true, o -> o.y() == 2 && o.r(1) == 0),
    /** The same with MFENCE. */
    R_MFENCE(2, false, R.weak),
    /** Coherence of one variable. */
    CORR(2, false, o -> o.r(1, 0) == 1 && o.r(1, 1) == 0),
    /** Eight aligned bytes are never seen in half. */
    WHOLE(2, false, o -> o.r(1, 0) != o.r(1, 1)),
    /** Write to read causality, three threads. */
    WRC(3, false, o -> o.r(1) == 1 && o.r(2, 0) == 1 && o.r(2, 1) == 0),
    /** Independent reads of independent writes, four threads. */
    IRIW(4, false, o -> o.r(2, 0) == 1 && o.r(2, 1) == 0 && o.r(3, 0) == 1 && o.r(3, 1) == 0),
    /** Cross-modifying code: a thread that learns of a changed instruction, and serialises, executes the new one. */
    XMC(2, false, o -> o.r(1, 0) == 1 && o.r(1, 1) != 0);

    /** The values that the threads have loaded from a cell, and its values at the end. */
    interface Outcome {
        /** The {@code load}th value that a thread has loaded. */
        int r(int thread, int load);

        /** The first value that a thread has loaded. */
        default int r(int thread) {
            return r(thread, 0);
        }

        int x();

        int y();
    }

    final int threads;
    final boolean allowed;
    final Predicate<Outcome> weak;

    Litmus(int threads, boolean allowed, Predicate<Outcome> weak) {
        this.threads = threads;
        this.allowed = allowed;
        this.weak = weak;
    }
}
