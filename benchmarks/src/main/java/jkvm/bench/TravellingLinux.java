package jkvm.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import jkvm.bench.StateRun.Bench;

/**
 * A Linux guest that goes from one process to the next over loopback, and stands between its journeys, so that another
 * one can be measured meanwhile. One thread.
 */
final class TravellingLinux implements AutoCloseable {
    private static final double MIB_PER_TICK = 50;

    private final Bench bench;
    private final Hypervisor hypervisor;
    private final String task;
    private int place;
    private WatchedProcess process;
    private QmpSession monitor;

    /**
     * A journey, as its source tells it.
     *
     * @param totalMillis    from the command to the end
     * @param downtimeMillis in which the guest ran nowhere
     * @param passes         over its RAM
     * @param written        MiB a second before it, by a guest that counts its writes with its ticks
     */
    record Journey(double totalMillis, double downtimeMillis, double passes, double written) {
    }

    /**
     * Boots it and lets it stand.
     *
     * @param task {@link LinuxGuest#IDLE} or {@link LinuxGuest#WRITE}
     */
    TravellingLinux(Bench bench, Hypervisor hypervisor, String task) throws IOException, InterruptedException {
        this.bench = bench;
        this.hypervisor = hypervisor;
        this.task = task;
        start();
        process.await(LinuxGuest.TICKS);
        monitor.command("{\"execute\":\"stop\"}");
    }

    private void start(String... more) throws IOException, InterruptedException {
        Path socket = bench.folder().resolve(hypervisor.name() + "-" + task + "-" + place++);
        Files.deleteIfExists(socket);
        String[] options = new String[more.length + 2];
        options[0] = "-qmp";
        options[1] = "unix:" + socket + ",server=on,wait=off";
        System.arraycopy(more, 0, options, 2, more.length);
        process = bench.linux().start(hypervisor, task, options);
        try {
            monitor = new QmpSession(socket);
        } catch (IOException | IllegalStateException e) {
            process.close();
            throw e;
        }
    }

    /** Lets it run, sends it to a new process, waits until it has said something there, and lets it stand again. */
    Journey go() throws IOException, InterruptedException {
        monitor.command("{\"execute\":\"cont\"}");
        // The first two may have come before it stood.
        process.await(LinuxGuest.TICKS);
        process.await(LinuxGuest.TICKS);
        double before = process.milliseconds();
        double written = MIB_PER_TICK * 1e3 / (process.await(LinuxGuest.TICKS) - before);
        String address = "tcp:127.0.0.1:" + freePort();
        try (WatchedProcess _ = process; QmpSession sourceMonitor = monitor) {
            start("-incoming", "defer");
            monitor.command("{\"execute\":\"migrate-incoming\",\"arguments\":{\"uri\":\"" + address + "\"}}");
            String end = sourceMonitor.migrate(address);
            process.await(LinuxGuest.TICKS);
            return new Journey(QmpSession.number(end, "total-time"), QmpSession.number(end, "downtime"),
                    QmpSession.number(end, "dirty-sync-count"), written);
        } finally {
            monitor.command("{\"execute\":\"stop\"}");
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws IOException {
        process.close();
        monitor.close();
    }
}
