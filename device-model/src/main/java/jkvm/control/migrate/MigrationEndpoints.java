package jkvm.control.migrate;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.Consumer;
import jkvm.linux.Fd;
import jkvm.linux.FdChannel;
import jkvm.linux.LinuxException;
import jkvm.linux.Syscalls;
import jkvm.machine.snapshot.SnapshotFile;

/** Opens the connections of migrations. Any thread may call. */
final class MigrationEndpoints {
    private final Syscalls syscalls;
    private final PassedDescriptors passed;

    MigrationEndpoints(Syscalls syscalls, PassedDescriptors passed) {
        this.syscalls = syscalls;
        this.passed = passed;
    }

    /** A connection that a peer opens, once. Closing it ends a wait. */
    interface Listener extends AutoCloseable {
        /** Waits for the peer; nobody else can connect from then on. */
        MigrationChannel accept() throws IOException;

        /**
         * The state, where it lies in a file from which RAM is mapped instead of read; the caller closes it.
         *
         * @param mostRam of the machine that waits, in bytes
         * @throws jkvm.state.StateException if it is damaged, or of a machine with more RAM
         */
        default Optional<SnapshotFile> mapped(long mostRam) {
            return Optional.empty();
        }

        /** Where it listens; null if it does not. */
        default SocketAddress address() {
            return null;
        }

        @Override
        void close() throws IOException;
    }

    /**
     * Opens the connection of a machine that leaves.
     *
     * @param begun gets what ends a wait for the other side when it is closed
     * @throws IOException with a sentence for the user
     */
    MigrationChannel connect(MigrationAddress address, Consumer<Closeable> begun) throws IOException {
        return switch (address) {
            case MigrationAddress.Tcp tcp -> connect(socketAddress(tcp), SocketChannel.open(),
                    tcp.host() + ":" + tcp.port(), begun);
            case MigrationAddress.Unix unix -> connect(UnixDomainSocketAddress.of(unix.path()),
                    SocketChannel.open(StandardProtocolFamily.UNIX), unix.path(), begun);
            case MigrationAddress.Descriptor named -> descriptor(named);
            case MigrationAddress.Command command -> {
                PipedCommand started = PipedCommand.start(syscalls, command.line(), true);
                WriteOnly input = new WriteOnly(Channels.newChannel(started.input()), started);
                yield new MigrationChannel(input, false, input::await);
            }
            case MigrationAddress.File file -> {
                FileChannel channel = openFile(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                channel.truncate(file.offset());
                yield new MigrationChannel(channel.position(file.offset()), false);
            }
        };
    }

    private static MigrationChannel connect(SocketAddress address, SocketChannel channel, String name,
            Consumer<Closeable> begun) throws IOException {
        begun.accept(channel);
        try {
            channel.connect(address);
            sendAtOnce(channel);
            return new MigrationChannel(channel, true);
        } catch (IOException e) {
            channel.close();
            throw new IOException("Failed to connect to '" + name + "': " + e.getMessage(), e);
        }
    }

    private static void sendAtOnce(SocketChannel channel) throws IOException {
        if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
    }

    private static InetSocketAddress socketAddress(MigrationAddress.Tcp tcp) throws IOException {
        try {
            return new InetSocketAddress(tcp.host().isEmpty() ? InetAddress.getLoopbackAddress()
                    : InetAddress.getByName(tcp.host()), tcp.port());
        } catch (UnknownHostException e) {
            throw new IOException("address resolution failed for " + tcp.host() + ":" + tcp.port(), e);
        }
    }

    /**
     * Opens the connection of a machine that waits.
     *
     * @throws IOException with a sentence for the user
     */
    Listener listen(MigrationAddress address) throws IOException {
        return switch (address) {
            case MigrationAddress.Tcp tcp -> listen(ServerSocketChannel.open(), tcp.host().isEmpty()
                    ? new InetSocketAddress(tcp.port()) : socketAddress(tcp), tcp.host() + ":" + tcp.port());
            case MigrationAddress.Unix unix -> {
                Files.deleteIfExists(Path.of(unix.path()));
                yield listen(ServerSocketChannel.open(StandardProtocolFamily.UNIX),
                        UnixDomainSocketAddress.of(unix.path()), unix.path());
            }
            case MigrationAddress.Descriptor named -> of(descriptor(named));
            case MigrationAddress.Command command -> {
                PipedCommand started = PipedCommand.start(syscalls, command.line(), false);
                yield of(new MigrationChannel(new ReadOnly(Channels.newChannel(started.output()), started),
                        false));
            }
            case MigrationAddress.File file -> new FromFile(file, new MigrationChannel(
                    openFile(file, StandardOpenOption.READ).position(file.offset()), false));
        };
    }

    /** A file, which is there already. */
    private final class FromFile implements Listener {
        private final MigrationAddress.File file;
        private final MigrationChannel channel;

        FromFile(MigrationAddress.File file, MigrationChannel channel) {
            this.file = file;
            this.channel = channel;
        }

        @Override
        public MigrationChannel accept() {
            return channel;
        }

        @Override
        public Optional<SnapshotFile> mapped(long mostRam) {
            Path path = Path.of(file.path());
            return file.offset() == 0 && SnapshotFile.isMappable(syscalls, path)
                    ? Optional.of(SnapshotFile.open(syscalls, path, mostRam)) : Optional.empty();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private static Listener listen(ServerSocketChannel server, SocketAddress address, String name)
            throws IOException {
        try {
            server.bind(address, 1);
        } catch (IOException e) {
            server.close();
            throw new IOException("Failed to bind socket to " + name + ": " + e.getMessage(), e);
        }
        return new Listener() {
            @Override
            public MigrationChannel accept() throws IOException {
                try (this) {
                    SocketChannel channel = server.accept();
                    sendAtOnce(channel);
                    return new MigrationChannel(channel, true);
                }
            }

            @Override
            public SocketAddress address() {
                try {
                    return server.getLocalAddress();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public void close() throws IOException {
                server.close();
                if (address instanceof UnixDomainSocketAddress unix) {
                    Files.deleteIfExists(unix.getPath());
                }
            }
        };
    }

    private static Listener of(MigrationChannel channel) {
        return new Listener() {
            @Override
            public MigrationChannel accept() {
                return channel;
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    private MigrationChannel descriptor(MigrationAddress.Descriptor named) throws IOException {
        Fd fd;
        if (named.isNumber()) {
            try {
                fd = new Fd(syscalls, Integer.parseInt(named.name()), "descriptor " + named.name());
            } catch (NumberFormatException e) {
                throw new IOException("there is no descriptor " + named.name(), e);
            }
        } else {
            fd = passed.take(named.name()).orElseThrow(() ->
                    new IOException("File descriptor named '" + named.name() + "' has not been found"));
        }
        try {
            FdChannel channel = new FdChannel(fd);
            return new MigrationChannel(channel, channel.isTwoWay());
        } catch (LinuxException e) {
            throw new IOException("descriptor " + named.name() + ": " + e.errno().text(), e);
        }
    }

    private static FileChannel openFile(MigrationAddress.File file, StandardOpenOption... options)
            throws IOException {
        try {
            return FileChannel.open(Path.of(file.path()), options);
        } catch (NoSuchFileException e) {
            throw new IOException("cannot open " + file.path() + ": no such file", e);
        } catch (IOException e) {
            throw new IOException("cannot open " + file.path() + ": " + e.getMessage(), e);
        }
    }

    /** The input of a command, which does not survive {@link #close()}. */
    private record WriteOnly(WritableByteChannel out, PipedCommand command) implements ByteChannel {
        @Override
        public int read(ByteBuffer to) {
            return -1;
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            return out.write(from);
        }

        void await() throws IOException {
            out.close();
            int status = command.awaitStatus();
            if (status != 0) {
                throw new IOException("the command ended with status " + status);
            }
        }

        @Override
        public boolean isOpen() {
            return out.isOpen();
        }

        @Override
        public void close() {
            command.end();
            try {
                out.close();
            } catch (IOException _) {
                // What the command has not read is lost.
            }
        }
    }

    /** The output of a command, which ends with the channel. */
    private record ReadOnly(ReadableByteChannel in, PipedCommand command) implements ByteChannel {
        @Override
        public int read(ByteBuffer to) throws IOException {
            return in.read(to);
        }

        @Override
        public int write(ByteBuffer from) {
            throw new NonWritableChannelException();
        }

        @Override
        public boolean isOpen() {
            return in.isOpen();
        }

        @Override
        public void close() throws IOException {
            command.end();
            in.close();
        }
    }
}
