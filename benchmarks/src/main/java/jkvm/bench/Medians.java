package jkvm.bench;

import java.util.Arrays;
import java.util.List;

/** The statistics of the side-by-side runs. */
final class Medians {
    private Medians() {
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** The median of the ratios of values that were taken side by side: a slow moment of the host hits both. */
    static double pairedRatio(double[] numerators, double[] denominators) {
        return median(ratios(numerators, denominators));
    }

    /** Of values that were taken side by side. */
    static double[] ratios(double[] numerators, double[] denominators) {
        double[] ratios = new double[numerators.length];
        Arrays.setAll(ratios, i -> numerators[i] / denominators[i]);
        return ratios;
    }

    static List<Double> list(double[] values) {
        return Arrays.stream(values).boxed().toList();
    }
}
