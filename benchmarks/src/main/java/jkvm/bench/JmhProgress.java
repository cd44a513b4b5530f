package jkvm.bench;

import java.util.Collection;
import java.util.Locale;
import java.util.function.Consumer;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.format.OutputFormat;

/** Of what JMH says while it runs: which benchmark begins, and what a failed one's JVM has printed. */
final class JmhProgress implements OutputFormat {
    private final Consumer<String> progress;

    JmhProgress(Consumer<String> progress) {
        this.progress = progress;
    }

    @Override
    public void startBenchmark(BenchmarkParams params) {
        progress.accept("    " + JmhPart.title(params));
    }

    @Override
    public void println(String line) {
        if (line.contains("Exception") || line.startsWith("\tat ")) {
            progress.accept(line);
        }
    }

    @Override
    public void print(String text) {
        // Of parts of lines nothing is of use.
    }

    @Override
    public void iteration(BenchmarkParams params, IterationParams iteration, int number) {
        // The figures come at the end.
    }

    @Override
    public void iterationResult(BenchmarkParams params, IterationParams iteration, int number, IterationResult data) {
        // The figures come at the end.
    }

    @Override
    public void endBenchmark(BenchmarkResult result) {
        Result<?> score = result.getPrimaryResult();
        progress.accept(String.format(Locale.ROOT, "        %.4g %s", score.getScore(), score.getScoreUnit()));
    }

    @Override
    public void startRun() {
        // Said by the suite.
    }

    @Override
    public void endRun(Collection<RunResult> results) {
        // The suite has its own table.
    }

    @Override
    public void verbosePrintln(String line) {
        // Not asked for.
    }

    @Override
    public void write(int b) {
        // What the measured JVM prints is not shown.
    }

    @Override
    public void write(byte[] bytes) {
        // What the measured JVM prints is not shown.
    }

    @Override
    public void flush() {
        // Nothing is kept.
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
