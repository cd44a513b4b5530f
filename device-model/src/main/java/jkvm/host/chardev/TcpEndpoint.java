package jkvm.host.chardev;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * A TCP port.
 *
 * @param host     empty for all of this host's addresses, or, to connect, for this host
 * @param lastPort a server takes the first free one from {@code port} to this one
 */
record TcpEndpoint(String host, int port, int lastPort) implements SocketEndpoint {
    private static final String ANY = "0.0.0.0";
    private static final String THIS_HOST = "localhost";

    @Override
    public ServerSocketChannel listen() throws IOException {
        InetAddress address = address(host.isEmpty() ? ANY : host);
        for (int candidate = port;; candidate++) {
            ServerSocketChannel server = address.getAddress().length == 4
                    ? ServerSocketChannel.open(StandardProtocolFamily.INET) : ServerSocketChannel.open();
            try {
                server.bind(new InetSocketAddress(address, candidate));
                return server;
            } catch (BindException e) {
                server.close();
                if (candidate >= lastPort) {
                    throw e;
                }
            } catch (IOException | RuntimeException e) {
                server.close();
                throw e;
            }
        }
    }

    /** Tries all addresses of the host. */
    @Override
    public SocketChannel connect() throws IOException {
        IOException first = null;
        for (InetAddress address : addresses(host.isEmpty() ? THIS_HOST : host)) {
            try {
                return SocketChannel.open(new InetSocketAddress(address, port));
            } catch (IOException e) {
                first = first == null ? e : first;
            }
        }
        throw first;
    }

    private static InetAddress address(String host) throws IOException {
        return addresses(host)[0];
    }

    private static InetAddress[] addresses(String host) throws IOException {
        try {
            return InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            throw new IOException("unknown host " + host, e);
        }
    }

    /** Switches off the collection of small pieces. */
    static void sendAtOnce(SocketChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    @Override
    public void forget() {
        // A port has no name that stays.
    }

    @Override
    public String describe(ServerSocketChannel server) throws IOException {
        InetSocketAddress local = (InetSocketAddress) server.getLocalAddress();
        return "tcp:" + local.getAddress().getHostAddress() + ":" + local.getPort();
    }
}
