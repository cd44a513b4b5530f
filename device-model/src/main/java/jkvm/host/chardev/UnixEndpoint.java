package jkvm.host.chardev;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import jkvm.linux.Fd;
import jkvm.linux.LinuxException;
import jkvm.linux.Syscalls;

/** The name of a unix socket: a file. */
record UnixEndpoint(Path path, Syscalls syscalls) implements SocketEndpoint {
    /** The file type in a file's mode, and the value for sockets (inode(7)). */
    private static final int FILE_TYPE_MASK = 0xF000;
    private static final int SOCKET_TYPE = 0xC000;

    /** Bytes of a socket's name (unix(7)); all of them may be used. */
    private static final int MAX_NAME = 108;
    /** Java needs one for a zero, and one more. */
    private static final int MAX_JAVA_NAME = 106;
    private static final int O_PATH = 0x200000;

    /** A socket that an earlier run left is replaced; any other file is an error. */
    @Override
    public ServerSocketChannel listen() throws IOException {
        if (isSocket()) {
            Files.delete(path);
        } else if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(path.toString(), null,
                    "exists and is not a socket; name another file");
        }
        checkLength();
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            if (length() <= MAX_JAVA_NAME) {
                server.bind(UnixDomainSocketAddress.of(path));
            } else {
                bindLongName(server);
            }
            return server;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** A short name in the same folder, reached through a descriptor, becomes the long one. */
    private void bindLongName(ServerSocketChannel server) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        try (Fd open = Fd.open(syscalls, folder.toString(), O_PATH)) {
            Path shortName = descriptor(open).resolve(".jkvm-" + ProcessHandle.current().pid());
            Files.deleteIfExists(shortName);
            server.bind(UnixDomainSocketAddress.of(shortName));
            Files.move(shortName, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (LinuxException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static Path descriptor(Fd fd) {
        return Path.of("/proc/self/fd/" + fd.number());
    }

    @Override
    public SocketChannel connect() throws IOException {
        checkLength();
        if (length() <= MAX_JAVA_NAME) {
            return SocketChannel.open(UnixDomainSocketAddress.of(path));
        }
        try (Fd open = Fd.open(syscalls, path.toString(), O_PATH)) {
            return SocketChannel.open(UnixDomainSocketAddress.of(descriptor(open)));
        } catch (LinuxException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private int length() {
        return path.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    private void checkLength() throws FileSystemException {
        if (length() > MAX_NAME) {
            throw new FileSystemException(path.toString(), null, "a socket's name has at most " + MAX_NAME + " bytes");
        }
    }

    private boolean isSocket() throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return (mode & FILE_TYPE_MASK) == SOCKET_TYPE;
    }

    @Override
    public void forget() throws IOException {
        Files.deleteIfExists(path);
    }

    @Override
    public String describe(ServerSocketChannel server) {
        return "unix:" + path;
    }
}
