package jkvm.app.img;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.nbd.NbdExport;
import jkvm.host.disk.nbd.NbdServer;
import jkvm.host.image.DiskImages;

/**
 * {@code jkvm img serve}: serves a disk to NBD clients, on a unix socket or a TCP port of this host alone. SIGTERM,
 * SIGINT and SIGHUP end it in less than a second, with exit code 0.
 */
final class ImgServe {
    private static final String LOOPBACK = "127.0.0.1", DEFAULT_PORT = "10809";
    private static final int MAX_PORT = 65_535;
    private static final long PATIENCE_MILLIS = 700;

    private final DiskImages images;
    private final PrintStream out;
    private final PrintStream err;

    ImgServe(DiskImages images, PrintStream out, PrintStream err) {
        this.images = images;
        this.out = out;
        this.err = err;
    }

    int run(List<String> words) {
        ImgArguments arguments = new ImgArguments("serve", words, "f:rx:k:b:p:t", "format=:f", "read-only:r",
                "export-name=:x", "socket=:k", "bind=:b", "port=:p", "persistent:t", ImgArguments.IMAGE_OPTS);
        String file = arguments.files(1, 1, "one image file name").getFirst();
        Optional<Path> socket = arguments.value("k").map(Path::of);
        if (socket.isPresent() && (arguments.has("b") || arguments.has("p"))) {
            throw arguments.error("listens either on a --socket or on a --port");
        }
        boolean readOnly = arguments.has("r");
        CountDownLatch ended = new CountDownLatch(1);
        try (DiskImage image = images.open(arguments.image(file),
                ImgCommand.source(arguments).withReadOnly(readOnly).withUnmap(true));
                ServerSocketChannel listener = socket.isPresent() ? listen(arguments, socket.get())
                        : listen(arguments)) {
            NbdExport export = new NbdExport(arguments.value("x").orElse(""), image, readOnly);
            try {
                serve(new NbdServer(listener, export, arguments.has("t")), uri(listener, export.name()), ended);
            } finally {
                socket.ifPresent(ImgServe::forget);
            }
            image.flush();
        } catch (IOException | IllegalArgumentException e) {
            throw arguments.error(e.getMessage());
        } finally {
            ended.countDown();
        }
        return 0;
    }

    private void serve(NbdServer server, String uri, CountDownLatch ended) throws IOException {
        Thread hook = Thread.ofPlatform().name("serve-end").unstarted(() -> end(server, ended));
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            out.println("Listening on " + uri);
            out.flush();
            server.run();
        } finally {
            removeHook(hook);
        }
    }

    /** Runs when a signal ends the process: a request under way is finished, and the image closed. */
    private void end(NbdServer server, CountDownLatch ended) {
        server.close();
        try {
            if (!ended.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
                err.println("jkvm: img serve: a request still runs: its data may be lost");
                err.flush();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(0);
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The process is ending, and the hook waits for the image.
        }
    }

    /** A socket that an earlier run left is replaced. */
    private static ServerSocketChannel listen(ImgArguments arguments, Path socket) throws IOException {
        if (Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            if (!Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther()) {
                throw arguments.error(socket + " exists and is not a socket; name another file");
            }
            Files.delete(socket);
        }
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            return listener.bind(UnixDomainSocketAddress.of(socket));
        } catch (IOException | RuntimeException e) {
            listener.close();
            throw arguments.error("cannot listen on " + socket + ": " + e.getMessage());
        }
    }

    private ServerSocketChannel listen(ImgArguments arguments) throws IOException {
        String host = arguments.value("b").orElse(LOOPBACK);
        InetSocketAddress address = new InetSocketAddress(address(arguments, host), port(arguments));
        if (!address.getAddress().isLoopbackAddress()) {
            err.println("jkvm: img serve: warning: whoever reaches " + host + " can use the disk: there is no"
                    + " encryption and no password");
        }
        ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            return listener.bind(address);
        } catch (IOException e) {
            listener.close();
            throw arguments.error("cannot listen on " + host + " port " + address.getPort() + ": " + e.getMessage());
        }
    }

    private static InetAddress address(ImgArguments arguments, String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException _) {
            throw arguments.error("unknown host " + host);
        }
    }

    private static int port(ImgArguments arguments) {
        String text = arguments.value("p").orElse(DEFAULT_PORT);
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= MAX_PORT) {
                return port;
            }
        } catch (NumberFormatException _) {
            // As any other that is no port.
        }
        throw arguments.error("--port must be a number from 0 to " + MAX_PORT + ", not " + text);
    }

    /** What clients name the disk by. */
    private static String uri(ServerSocketChannel listener, String export) throws IOException {
        try {
            return listener.getLocalAddress() instanceof InetSocketAddress tcp
                    ? new URI("nbd", null, tcp.getAddress().getHostAddress(), tcp.getPort(), "/" + export, null, null)
                            .toASCIIString()
                    : "nbd+unix://" + new URI(null, null, "/" + export, "socket=" + listener.getLocalAddress(), null)
                            .toASCIIString();
        } catch (URISyntaxException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static void forget(Path socket) {
        try {
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            System.getLogger("jkvm.app.img").log(System.Logger.Level.DEBUG, "socket not removed", e);
        }
    }
}
