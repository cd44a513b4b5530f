package jkvm.host.net;

import java.io.IOException;
import java.net.ServerSocket;

/**
 * Runs in a network namespace of its own: prints its process and a port, sends back what one caller sends there, and
 * ends when its standard input does.
 */
final class TapPeer {
    private TapPeer() {
    }

    public static void main(String[] args) throws IOException {
        try (ServerSocket server = new ServerSocket(0)) {
            Thread.ofPlatform().daemon().start(() -> TapProbe.echo(server));
            System.out.println(ProcessHandle.current().pid());
            System.out.println(server.getLocalPort());
            System.in.readAllBytes();
        }
    }
}
