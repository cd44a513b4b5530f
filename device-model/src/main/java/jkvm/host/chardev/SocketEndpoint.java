package jkvm.host.chardev;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Where a socket listens, or what it connects to. Any thread may call. */
interface SocketEndpoint {

    /** Listens. */
    ServerSocketChannel listen() throws IOException;

    /** Connects. */
    SocketChannel connect() throws IOException;

    /** Removes the name that {@link #listen} made, if it made one. */
    void forget() throws IOException;

    /** As QEMU writes it: {@code unix:PATH}, {@code tcp:HOST:PORT}. */
    String describe(ServerSocketChannel server) throws IOException;
}
