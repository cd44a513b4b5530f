package jkvm.bench;

import java.util.Arrays;

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
        double[] ratios = new double[numerators.length];
        Arrays.setAll(ratios, i -> numerators[i] / denominators[i]);
        return median(ratios);
    }
}
