package jkvm.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import jkvm.bench.suite.Effort;
import jkvm.bench.suite.Figure;
import jkvm.bench.suite.Figure.Allocation;
import jkvm.bench.suite.Figure.Unit;
import jkvm.bench.suite.Length;
import jkvm.bench.suite.Need;
import jkvm.bench.suite.Part;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * The benchmarks of one class, under JMH in a JVM of their own, with the allocation profiler.
 *
 * @param name        of the part
 * @param description of it
 * @param benchmarks  the class
 * @param isHot       tells by its title whether a benchmark may not allocate
 */
record JmhPart(String name, String description, Class<?> benchmarks, Predicate<String> isHot) implements Part {
    /** The parameter that chooses the KVM. */
    private static final String ACCELERATOR = "accelerator";
    /** The parameter whose value says more than the method's name. */
    private static final String KIND = "kind";
    /** None may allocate. */
    static final Predicate<String> ALL_HOT = _ -> true;
    /** All may. */
    static final Predicate<String> NOT_HOT = _ -> false;
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    @Override
    public Set<Need> needs() {
        return EnumSet.noneOf(Need.class);
    }

    @Override
    public Set<Need> peers() {
        return hasAccelerator() ? EnumSet.of(Need.KVM) : EnumSet.noneOf(Need.class);
    }

    private boolean hasAccelerator() {
        for (var field : benchmarks.getFields()) {
            if (field.getName().equals(ACCELERATOR)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public List<Figure> run(Effort effort) {
        Length length = effort.length();
        TimeValue time = TimeValue.milliseconds(length.milliseconds());
        ChainedOptionsBuilder options = new OptionsBuilder().include("^" + benchmarks.getName().replace(".", "\\.")
                + "\\.").forks(1).warmupIterations(length.warmUps()).warmupTime(time)
                .measurementIterations(length.iterations()).measurementTime(time).addProfiler(GCProfiler.class)
                .shouldFailOnError(true);
        if (hasAccelerator()) {
            options.param(ACCELERATOR, effort.accelerators().toArray(String[]::new));
        }
        try {
            // Code that was never warm allocates.
            boolean isWarm = length != Length.SMOKE;
            return figures(new Runner(options.build(), new JmhProgress(effort.progress())).run(), isWarm);
        } catch (RunnerException e) {
            throw new IllegalStateException(e.getMessage() == null ? e.toString() : e.getMessage(), e);
        }
    }

    private List<Figure> figures(Collection<RunResult> results, boolean isWarm) {
        List<Figure> figures = new ArrayList<>();
        for (RunResult result : results) {
            Result<?> primary = result.getPrimaryResult();
            List<Double> samples = result.getBenchmarkResults().stream().flatMap(fork -> fork.getIterationResults()
                    .stream()).map(iteration -> iteration.getPrimaryResult().getScore()).toList();
            Result<?> allocated = result.getSecondaryResults().get(ALLOCATED);
            String title = title(result.getParams());
            figures.add(new Figure(name, title, new Unit(primary.getScoreUnit(),
                    result.getParams().getMode() != Mode.Throughput), samples,
                    new Allocation(allocated == null ? Double.NaN : allocated.getScore(),
                            isWarm && isHot.test(title))));
        }
        return figures;
    }

    /** The method and the values of its parameters. */
    static String title(BenchmarkParams params) {
        String method = params.getBenchmark().substring(params.getBenchmark().lastIndexOf('.') + 1);
        boolean hasKind = params.getParamsKeys().contains(KIND);
        String values = params.getParamsKeys().stream().filter(key -> !key.equals(KIND))
                .map(key -> (key.equals(ACCELERATOR) ? "" : key + "=") + params.getParam(key))
                .collect(Collectors.joining(" "));
        return ((hasKind ? params.getParam(KIND) : method) + " " + values).strip();
    }
}
