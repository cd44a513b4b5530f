package jkvm.soft.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jkvm.soft.jit.CompilerThread;

/**
 * Runs many snippets on both sides. Collects the differences, each made as small as it gets, and counts what only one
 * of the processors has.
 */
final class OracleRun implements AutoCloseable {
    private static final int MAX_REPORTS = 40, REPORTS_OF_ONE_OPCODE = 2;

    /** Makes the case of a number; false if the number makes none. */
    interface Generator {
        boolean make(long seed, Snippet snippet);
    }

    /** How often, and the first number that makes it. */
    record Tally(int count, long seed) {
        Tally add(Tally other) {
            return new Tally(count + other.count, seed);
        }

        @Override
        public String toString() {
            return count + " (seed " + seed + ")";
        }
    }

    private final Silicon silicon = new Silicon();
    private final CompilerThread compiler;
    private SoftProcessor soft;
    private final Judge judge = new Judge(CpuVendor.isAmd());
    private final Snippet[] batch = new Snippet[Silicon.BATCH];
    private final State onSilicon = new State();
    private final State onSoft = new State();
    private final Map<String, Tally> onlySilicon = new TreeMap<>();
    private final Map<String, Tally> onlySoft = new TreeMap<>();
    private final Map<String, Integer> perOpcode = new TreeMap<>();
    private final List<String> reports = new ArrayList<>();
    private long different, complete, total;

    OracleRun() {
        this(null);
    }

    /**
     * @param compiler as of {@link SoftProcessor}. With one, each snippet gets a processor of its own: pages whose code
     *                 changes again and again are not compiled
     */
    OracleRun(CompilerThread compiler) {
        this.compiler = compiler;
        soft = new SoftProcessor(compiler);
        for (int i = 0; i < batch.length; i++) {
            batch[i] = new Snippet();
        }
    }

    /** The modes that this host can run. */
    List<Snippet.Mode> modes() {
        return silicon.hasSegments()
                ? List.of(Snippet.Mode.LONG, Snippet.Mode.LONG, Snippet.Mode.LONG, Snippet.Mode.FLAT32,
                        Snippet.Mode.SEGMENTED16, Snippet.Mode.SEGMENTED32)
                : List.of(Snippet.Mode.LONG);
    }

    boolean hasFsgsbase() {
        return silicon.hasFsgsbase();
    }

    /** Runs so many cases, made from numbers that follow the seed. */
    void run(Generator generator, long seed, long cases) {
        long next = seed;
        for (long done = 0; done < cases; done += batch.length) {
            int size = (int) Math.min(batch.length, cases - done);
            for (int i = 0; i < size; i++) {
                while (!generator.make(next++, batch[i])) {
                    continue;
                }
                silicon.add(batch[i]);
            }
            silicon.run();
            for (int i = 0; i < size; i++) {
                silicon.result(i, onSilicon);
                runSoft(batch[i]);
                take(batch[i], judge.compare(batch[i], onSilicon, onSoft));
            }
            for (int i = 0; i < size && reports.size() < MAX_REPORTS; i++) {
                report(batch[i]);
            }
        }
    }

    private void runSoft(Snippet snippet) {
        if (compiler != null) {
            soft.close();
            soft = new SoftProcessor(compiler);
        }
        soft.run(snippet, onSoft);
    }

    private void take(Snippet snippet, Judge.Verdict verdict) {
        total++;
        complete += onSilicon.vector == State.COMPLETE ? 1 : 0;
        switch (verdict) {
            case SAME -> {
            }
            case DIFFERENT -> {
                different++;
                snippet.differs = true;
            }
            case ONLY_SILICON_HAS_IT -> onlySilicon.merge(name(snippet), new Tally(1, snippet.seed), Tally::add);
            case ONLY_SOFT_HAS_IT -> onlySoft.merge(name(snippet), new Tally(1, snippet.seed), Tally::add);
        }
    }

    private void report(Snippet snippet) {
        if (!snippet.differs || perOpcode.merge(name(snippet), 1, Integer::sum) > REPORTS_OF_ONE_OPCODE) {
            return;
        }
        new Shrinker(this::stillDiffers).shrink(snippet);
        stillDiffers(snippet);
        reports.add(Report.of(snippet, judge.differences(), onSilicon, onSoft));
    }

    private boolean stillDiffers(Snippet snippet) {
        silicon.add(snippet);
        silicon.run();
        silicon.result(0, onSilicon);
        runSoft(snippet);
        return judge.compare(snippet, onSilicon, onSoft) == Judge.Verdict.DIFFERENT;
    }

    /** Names the kind of instruction: opcode, its extension in ModRM, mandatory prefix. */
    private static String name(Snippet snippet) {
        Opcode opcode = snippet.opcode;
        String map = switch (opcode.map()) {
            case 0 -> "";
            case 1 -> "0F ";
            case 2 -> "0F38 ";
            case 3 -> "0F3A ";
            default -> "VEX" + (opcode.map() - 3) + " ";
        };
        String prefix = snippet.rep ? "F3 " : snippet.repne ? "F2 " : snippet.operandPrefix ? "66 " : "";
        String extension = snippet.modrm < 0 ? "" : " /" + snippet.reg() + (snippet.hasMemoryOperand() ? " m" : " r");
        return "%s%s%02X%s%s".formatted(prefix, map, opcode.value(), extension,
                snippet.mode == Snippet.Mode.LONG ? "" : " (" + snippet.mode.bits + ")");
    }

    long differences() {
        return different;
    }

    List<String> reports() {
        return reports;
    }

    /** Instructions that the silicon executes and the soft CPU does not have, with their counts. */
    Map<String, Tally> onlySilicon() {
        return onlySilicon;
    }

    Map<String, Tally> onlySoft() {
        return onlySoft;
    }

    @Override
    public String toString() {
        return "%d cases, %d completed, %d different; only on silicon %s; only on soft %s".formatted(total, complete,
                different, onlySilicon, onlySoft);
    }

    @Override
    public void close() {
        silicon.close();
        soft.close();
    }
}
