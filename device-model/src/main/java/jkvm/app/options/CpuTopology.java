package jkvm.app.options;

import java.util.List;
import java.util.Optional;
import jkvm.machine.config.MachineConfig;
import jkvm.tables.SmbiosSettings;

/**
 * The value of {@code -smp}, worked out as QEMU does for machines since 6.2: levels that are not given become cores
 * first, then sockets, then threads.
 *
 * @param cpus       at the start
 * @param maximum    with those that could be plugged in later
 * @param processors of all of these
 */
record CpuTopology(int cpus, int maximum, SmbiosSettings.Sockets processors) {

    /** The levels; 0 for one that is to be worked out. */
    private static final class Levels {
        private long cpus;
        private long maximum;
        private long sockets;
        private long dies;
        private long cores;
        private long threads;

        private void workOut() {
            dies = Math.max(1, dies);
            if (cpus == 0 && maximum == 0) {
                sockets = Math.max(1, sockets);
                cores = Math.max(1, cores);
                threads = Math.max(1, threads);
            } else {
                maximum = maximum > 0 ? maximum : cpus;
                if (cores == 0) {
                    sockets = Math.max(1, sockets);
                    threads = Math.max(1, threads);
                    cores = maximum / (sockets * dies * threads);
                } else if (sockets == 0) {
                    threads = Math.max(1, threads);
                    sockets = maximum / (dies * cores * threads);
                }
                threads = threads > 0 ? threads : maximum / (sockets * dies * cores);
            }
            maximum = maximum > 0 ? maximum : product();
            cpus = cpus > 0 ? cpus : maximum;
        }

        private long product() {
            return sockets * dies * cores * threads;
        }

        private String text() {
            return "sockets (" + sockets + ") * dies (" + dies + ") * cores (" + cores + ") * threads (" + threads
                    + ")";
        }
    }

    /**
     * Takes all of the properties.
     *
     * @param warnings gets a line where one is 0
     * @throws UsageException if there is no such machine
     */
    static CpuTopology read(OptionValues values, List<String> warnings) {
        boolean[] hasZero = {false};
        Levels levels = new Levels();
        levels.cpus = level(values, "cpus", hasZero);
        levels.sockets = level(values, "sockets", hasZero);
        levels.dies = level(values, "dies", hasZero);
        long clusters = level(values, "clusters", hasZero);
        levels.cores = level(values, "cores", hasZero);
        levels.threads = level(values, "threads", hasZero);
        levels.maximum = level(values, "maxcpus", hasZero);
        values.end();
        if (clusters > 1) {
            throw values.error("clusters not supported by this machine's CPU topology");
        }
        if (hasZero[0]) {
            warnings.add(values.where() + ": CPU topology parameters must be greater than zero; 0 is as if not given");
        }
        levels.workOut();
        if (levels.product() != levels.maximum) {
            throw values.error("Invalid CPU topology: product of the hierarchy must match maxcpus: " + levels.text()
                    + " != maxcpus (" + levels.maximum + ")");
        }
        if (levels.maximum < levels.cpus) {
            throw values.error("Invalid CPU topology: maxcpus must be equal to or greater than smp: " + levels.text()
                    + " == maxcpus (" + levels.maximum + ") < smp_cpus (" + levels.cpus + ")");
        }
        if (levels.maximum > MachineConfig.MAX_CPUS) {
            throw values.error("Invalid SMP CPUs " + levels.maximum + "; there are at most " + MachineConfig.MAX_CPUS
                    + " CPUs");
        }
        return new CpuTopology((int) levels.cpus, (int) levels.maximum, new SmbiosSettings.Sockets(
                (int) levels.sockets, (int) (levels.dies * levels.cores), (int) levels.threads));
    }

    private static long level(OptionValues values, String name, boolean[] hasZero) {
        // Products of four such numbers do not overflow.
        Optional<Long> number = values.take(name).filter(text -> !text.isEmpty() || !name.equals("cpus"))
                .map(text -> values.number(name, text, 0, Short.MAX_VALUE));
        hasZero[0] |= number.isPresent() && number.get() == 0;
        return number.orElse(0L);
    }
}
