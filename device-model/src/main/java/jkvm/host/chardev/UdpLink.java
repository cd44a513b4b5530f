package jkvm.host.chardev;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;

/** Datagrams to and from one other side, which is always taken to be there. Datagrams that nobody receives are lost. */
final class UdpLink extends StandingLink {
    private final DatagramChannel channel;

    UdpLink(ChardevSpec.Udp spec) throws IOException {
        InetAddress remote = address(spec.host().isEmpty() ? "localhost" : spec.host());
        channel = DatagramChannel.open();
        try {
            channel.bind(spec.localHost().isEmpty() ? new InetSocketAddress(spec.localPort())
                    : new InetSocketAddress(address(spec.localHost()), spec.localPort()));
            channel.connect(new InetSocketAddress(remote, spec.port()));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static InetAddress address(String host) throws IOException {
        try {
            return InetAddress.getByName(host);
        } catch (IOException e) {
            throw new IOException("unknown host " + host, e);
        }
    }

    /** Of a datagram that is longer than {@code length} the rest is lost. */
    @Override
    public int read(byte[] to, int length) throws IOException {
        while (true) {
            try {
                int count = channel.read(ByteBuffer.wrap(to, 0, length));
                if (count > 0) {
                    return count;
                }
            } catch (PortUnreachableException _) {
                // Nobody listened to something sent before; the other side may still come.
            } catch (ClosedChannelException _) {
                return 0;
            }
        }
    }

    @Override
    public int send(byte[] from, int offset, int length) throws IOException {
        try {
            return channel.write(ByteBuffer.wrap(from, offset, length));
        } catch (PortUnreachableException _) {
            return length;
        }
    }

    @Override
    public void interrupt() {
        close();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException _) {
            // There is nothing left to lose.
        }
    }
}
