package jkvm.bench;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Linux from the start of the process to the first line of /init, and two programs in it by its own clock. */
final class LinuxRun {
    /** The output of busybox's {@code time}. */
    private static final Pattern REAL = Pattern.compile("real\\s+(?:(\\d+)h )?(\\d+)m (\\d+\\.\\d+)s");
    private final LinuxGuest guest;
    private final Optional<Hypervisor> tcg;
    private final int rounds;

    LinuxRun(LinuxGuest guest, Optional<Hypervisor> tcg, int rounds) {
        this.guest = guest;
        this.tcg = tcg;
        this.rounds = rounds;
    }

    /** Seconds. */
    private record Times(double boot, double gzip, double hash) {
    }

    List<PairedComparison> measure() {
        double[][] own = new double[3][rounds];
        double[][] beside = new double[3][tcg.isPresent() ? rounds : 0];
        double[] interpreter = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            put(work(Hypervisor.COMPILED), own, i);
            if (tcg.isPresent()) {
                put(work(tcg.get()), beside, i);
            }
            try (WatchedProcess process = guest.start(Hypervisor.INTERPRETED, LinuxGuest.SHELL)) {
                interpreter[i] = process.await(LinuxGuest.HELLO) / 1e3;
            }
        }
        return List.of(new PairedComparison("Linux, start to /init", "s", own[0], beside[0], "<= 3, goal 2"),
                new PairedComparison("    interpreter alone", "s", interpreter, beside[0], "<= 8"),
                new PairedComparison("gzip of 16 MiB in it", "s", own[1], beside[1], "<= 1.5"),
                new PairedComparison("sha256sum of 64 MiB in it", "s", own[2], beside[2], "<= 1.5"));
    }

    private static void put(Times times, double[][] into, int round) {
        into[0][round] = times.boot();
        into[1][round] = times.gzip();
        into[2][round] = times.hash();
    }

    private Times work(Hypervisor hypervisor) {
        try (WatchedProcess process = guest.start(hypervisor, LinuxGuest.WORK)) {
            double boot = process.await(LinuxGuest.HELLO) / 1e3;
            double gzip = seconds(process.readTo("user"));
            process.readTo("sys");
            return new Times(boot, gzip, seconds(process.readTo("user")));
        }
    }

    /** Reads what {@code time} prints of the time on the clock. */
    static double seconds(String text) {
        Matcher real = REAL.matcher(text);
        if (!real.find()) {
            throw new IllegalStateException("no time in: " + text);
        }
        int hours = real.group(1) == null ? 0 : Integer.parseInt(real.group(1));
        return hours * 3600 + Integer.parseInt(real.group(2)) * 60 + Double.parseDouble(real.group(3));
    }
}
