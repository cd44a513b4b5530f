package jkvm.host.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;
import jkvm.host.usernet.NetGuest;
import jkvm.host.usernet.TapGuest;
import jkvm.linux.FfmSyscalls;
import jkvm.work.Workers;

/**
 * Runs in a network namespace of its own, which ends with it: a guest behind a new tap interface talks with the
 * kernel's TCP, that of the same namespace or that of another one beyond a bridge.
 */
final class TapProbe {
    private static final int SIZE = 4 << 20;
    private static final String ADDRESS = "10.0.2.2", MAC = "52:55:0a:00:02:02";

    private TapProbe() {
    }

    private static void host(String... command) throws IOException, InterruptedException {
        if (new ProcessBuilder(command).inheritIO().redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
                .waitFor() != 0) {
            throw new IOException(Arrays.toString(command));
        }
    }

    private static void ip(String words) throws IOException, InterruptedException {
        host(("ip " + words).split(" "));
    }

    /**
     * Prints what the guest saw.
     *
     * @param args bits of {@link NetOffload} that the guest takes; {@code direct}, or {@code bridged}, or
     *             {@code finished} for a bridge whose other side has all its offloads off; for the latter two the
     *             process whose namespace is beyond the bridge, and the port that it listens on
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        int offloads = Integer.parseInt(args[0]);
        try (TapBackend tap = TapBackend.open(new FfmSyscalls(), "jkvmtest0", Workers.onThreads())) {
            if (args[1].equals("direct")) {
                ip("link set dev " + tap.name() + " address " + MAC + " up");
                ip("addr add " + ADDRESS + "/24 dev " + tap.name());
                try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getByName(ADDRESS))) {
                    Thread.ofPlatform().daemon().start(() -> echo(server));
                    talk(tap, offloads, server.getLocalPort());
                }
            } else {
                bridge(tap.name(), args[2], args[1].equals("finished"));
                talk(tap, offloads, Integer.parseInt(args[3]));
            }
        }
    }

    private static void bridge(String tap, String peer, boolean finished) throws IOException, InterruptedException {
        ip("link add jkvmbr type bridge");
        ip("link add jkvmveth0 type veth peer name jkvmveth1");
        if (finished) {
            host("ethtool", "-K", "jkvmveth0", "tx", "off", "gro", "off");
            host("ethtool", "-K", "jkvmveth1", "tx", "off", "gro", "off");
        }
        for (String name : new String[] {tap, "jkvmveth0"}) {
            ip("link set dev " + name + " master jkvmbr up");
        }
        ip("link set dev jkvmbr up");
        ip("link set dev jkvmveth1 netns " + peer);
        String there = "nsenter -n -t " + peer + " ip ";
        host((there + "link set dev jkvmveth1 address " + MAC + " up").split(" "));
        host((there + "addr add " + ADDRESS + "/24 dev jkvmveth1").split(" "));
    }

    private static void talk(TapBackend tap, int offloads, int port) {
        byte[] bytes = new byte[SIZE];
        new Random(1).nextBytes(bytes);
        NetGuest guest = TapGuest.plug(tap, offloads);
        System.out.println(TapGuest.ping(guest) ? "answer" : "no answer");
        byte[] back = TapGuest.exchange(guest, offloads, port, bytes);
        System.out.println(Arrays.equals(bytes, back) ? "same" : "other: " + back.length);
        System.out.println("dropped " + tap.dropped());
    }

    static void echo(ServerSocket server) {
        try (Socket socket = server.accept()) {
            socket.getOutputStream().write(socket.getInputStream().readAllBytes());
        } catch (IOException e) {
            e.printStackTrace();
        }
    }
}
