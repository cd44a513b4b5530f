package jkvm.bench.suite;

import java.util.List;
import org.openjdk.jmh.util.ListStatistics;

/**
 * One measured quantity.
 *
 * @param part       that it belongs to
 * @param name       unique in the part
 * @param unit       of the samples
 * @param samples    one of each iteration or round, at least one
 * @param allocation of an operation
 */
public record Figure(String part, String name, Unit unit, List<Double> samples, Allocation allocation) {
    /** Of the interval that the error bars show. */
    public static final double CONFIDENCE = 0.99;

    /**
     * A unit.
     *
     * @param text         as it is printed
     * @param lessIsBetter true for times, false for rates
     */
    public record Unit(String text, boolean lessIsBetter) {
        /** Of a quotient of jkvm's figure and another's. */
        public static final String RATIO = "ratio";
    }

    /**
     * What an operation allocates on the Java heap.
     *
     * @param bytes NaN if not measured
     * @param isHot true if it has to be nothing
     */
    public record Allocation(double bytes, boolean isHot) {
        /** Of a figure that has none. */
        public static final Allocation UNKNOWN = new Allocation(Double.NaN, false);
        /** The profiler counts what its own thread and the compilers do now and then: less than this is nothing. */
        private static final double NOTHING = 0.5;

        /** True if there is a figure. */
        public boolean isKnown() {
            return !Double.isNaN(bytes);
        }

        /** True if it should be nothing and is not. */
        public boolean isTooMuch() {
            return isHot && bytes >= NOTHING;
        }

        /** As it is printed: whole bytes. */
        public String text() {
            return isKnown() ? Math.round(bytes) + " B" : "";
        }
    }

    public Figure {
        samples = List.copyOf(samples);
        if (samples.isEmpty() || !samples.stream().allMatch(Double::isFinite)) {
            throw new IllegalArgumentException("samples of " + part + ", " + name + ": " + samples);
        }
    }

    /** What this figure is called in a table of all parts. */
    public String key() {
        return part + " " + name;
    }

    /** The middle sample. */
    public double median() {
        return statistics().getPercentile(50);
    }

    /** Half the width of Student's interval of the mean; NaN for one sample, which tells nothing of its error. */
    public double error() {
        return samples.size() < 2 ? Double.NaN : statistics().getMeanErrorAt(CONFIDENCE);
    }

    ListStatistics statistics() {
        return new ListStatistics(samples.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
