package jkvm.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;
import jkvm.linux.FfmSyscalls;
import jkvm.net.user.TapGuest;

/** Runs in a network namespace of its own: a guest behind a new tap interface talks with the kernel's TCP. */
final class TapProbe {
    private static final int SIZE = 4 << 20;

    private TapProbe() {
    }

    private static void ip(String... words) throws IOException, InterruptedException {
        String[] command = new String[words.length + 1];
        command[0] = "ip";
        System.arraycopy(words, 0, command, 1, words.length);
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
            throw new IOException(Arrays.toString(command));
        }
    }

    /** @param args bits of {@link NetOffload} that the guest takes */
    public static void main(String[] args) throws IOException, InterruptedException {
        byte[] bytes = new byte[SIZE];
        new Random(1).nextBytes(bytes);
        try (TapBackend tap = TapBackend.open(new FfmSyscalls(), "jkvmtest0")) {
            ip("link", "set", "dev", tap.name(), "address", "52:55:0a:00:02:02", "up");
            ip("addr", "add", "10.0.2.2/24", "dev", tap.name());
            try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getByName("10.0.2.2"))) {
                Thread.ofPlatform().daemon().start(() -> echo(server));
                byte[] back = TapGuest.exchange(tap, Integer.parseInt(args[0]), server.getLocalPort(), bytes);
                System.out.println(Arrays.equals(bytes, back) ? "same" : "other: " + back.length);
            }
        }
    }

    private static void echo(ServerSocket server) {
        try (Socket socket = server.accept()) {
            socket.getOutputStream().write(socket.getInputStream().readAllBytes());
        } catch (IOException failed) {
            failed.printStackTrace();
        }
    }
}
