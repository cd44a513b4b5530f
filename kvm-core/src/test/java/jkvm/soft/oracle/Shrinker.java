package jkvm.soft.oracle;

import java.util.Arrays;
import java.util.function.Predicate;

/** Makes the state of a snippet that differs as plain as it gets while it differs. */
final class Shrinker {
    private static final int FLAGS = 0x202;
    private final Predicate<Snippet> differs;

    Shrinker(Predicate<Snippet> differs) {
        this.differs = differs;
    }

    void shrink(Snippet snippet) {
        if (snippet.starts != null) {
            shorten(snippet);
        }
        State in = snippet.in;
        State before = new State();
        attempt(snippet, before, () -> in.flags = FLAGS);
        attempt(snippet, before, () -> Arrays.fill(in.memory, (byte) 0));
        attempt(snippet, before, () -> {
            Arrays.fill(in.fx, (byte) 0);
            in.fx[State.FCW] = 0x7F;
            in.fx[State.FCW + 1] = 3;
            in.fx[State.MXCSR] = (byte) 0x80;
            in.fx[State.MXCSR + 1] = 0x1F;
        });
        for (int i = State.ST; i < State.FX_SIZE; i += 16) {
            int at = i;
            attempt(snippet, before, () -> Arrays.fill(in.fx, at, at + 16, (byte) 0));
        }
        for (int i = 0; i < 16; i++) {
            int register = i;
            attempt(snippet, before, () -> in.r[register] = 0);
            attempt(snippet, before, () -> in.r[register] &= 0xFFFF_FFFFL);
        }
    }

    /** To the first instruction that shows the difference. */
    private void shorten(Snippet snippet) {
        byte[] all = snippet.code.clone();
        for (int n = 1; n < snippet.starts.length; n++) {
            System.arraycopy(all, 0, snippet.code, 0, all.length);
            snippet.cut(n);
            if (differs.test(snippet)) {
                return;
            }
        }
    }

    private void attempt(Snippet snippet, State before, Runnable change) {
        before.copy(snippet.in);
        change.run();
        if (!differs.test(snippet)) {
            snippet.in.copy(before);
        }
    }
}
