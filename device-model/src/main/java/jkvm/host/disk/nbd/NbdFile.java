package jkvm.host.disk.nbd;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.Extent;
import jkvm.host.disk.ImageException;

/**
 * A disk that an NBD server has, as a file of fixed size. Requests go one after another; once the connection has broken
 * all further ones fail. Holes are known where the server has {@code base:allocation}.
 */
public final class NbdFile implements BlockFile {
    private static final System.Logger LOG = System.getLogger("jkvm.host.disk.nbd");
    /** Bytes of a request without data. */
    private static final long MAX_RANGE = 1 << 30;

    private final String name;
    private final NbdStream stream;
    private final long size;
    private final int flags;
    private final boolean hasStatus;
    private final ReplyReader replies;
    private long cookie;
    private boolean broken;

    private NbdFile(String name, NbdStream stream, ClientHandshake handshake) {
        this.name = name;
        this.stream = stream;
        this.size = handshake.size();
        this.flags = handshake.flags();
        this.hasStatus = handshake.context().isPresent();
        this.replies = new ReplyReader(stream, handshake.isStructured(), handshake.context().orElse(0));
    }

    /**
     * Connects.
     *
     * @throws IOException if there is no server, or it does not have the export, or not for writing
     */
    public static NbdFile open(NbdAddress address, boolean writable) throws IOException {
        NbdStream stream = new NbdStream(connect(address));
        try {
            ClientHandshake handshake = new ClientHandshake(stream, address.export());
            handshake.negotiate();
            if (writable && (handshake.flags() & Nbd.FLAG_READ_ONLY) != 0) {
                throw new ImageException(Kind.NOT_WRITABLE, "the server lets it be read only");
            }
            return new NbdFile(address.text(), stream, handshake);
        } catch (IOException | RuntimeException e) {
            stream.close();
            throw e;
        }
    }

    private static SocketChannel connect(NbdAddress address) throws IOException {
        try {
            return address.connect();
        } catch (IOException e) {
            throw new IOException("Failed to connect to '" + address.place() + "': " + e.getMessage(), e);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void access(Access access, boolean takesLocks) throws IOException {
        if (access == Access.WRITE && (flags & Nbd.FLAG_READ_ONLY) != 0) {
            throw new ImageException(Kind.NOT_WRITABLE, "the server lets it be read only");
        }
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public boolean hasFixedSize() {
        return true;
    }

    /** The protocol does not tell. */
    @Override
    public long allocated() {
        return UNKNOWN;
    }

    @Override
    public long read(long position, MemorySegment memory, long at, long length) throws IOException {
        long end = Math.clamp(size - position, 0, length);
        for (long done = 0; done < end; ) {
            long part = Math.min(Nbd.MAX_PAYLOAD, end - done);
            request(Nbd.CMD_READ, position + done, part, memory, at + done);
            done += part;
        }
        return end;
    }

    @Override
    public void write(long position, MemorySegment memory, long at, long length) throws IOException {
        Objects.checkFromIndexSize(at, length, memory.byteSize());
        if (position > size || length > size - position) {
            throw new IOException(name + " has " + size + " bytes only");
        }
        for (long done = 0; done < length; ) {
            long part = Math.min(Nbd.MAX_PAYLOAD, length - done);
            request(Nbd.CMD_WRITE, position + done, part, memory, at + done);
            done += part;
        }
    }

    @Override
    public void flush() throws IOException {
        if ((flags & Nbd.FLAG_SEND_FLUSH) != 0) {
            request(Nbd.CMD_FLUSH, 0, 0, null, 0);
        }
    }

    @Override
    public void truncate(long wanted) throws IOException {
        if (wanted > size) {
            throw new IOException("Cannot grow NBD nodes: " + name + " has " + size + " bytes, not " + wanted);
        }
    }

    @Override
    public void punch(long position, long length) throws IOException {
        if ((flags & Nbd.FLAG_SEND_TRIM) != 0) {
            ranges(Nbd.CMD_TRIM, position, length);
        }
    }

    @Override
    public boolean zero(long position, long length, boolean mayUnmap) throws IOException {
        if ((flags & Nbd.FLAG_SEND_WRITE_ZEROES) == 0) {
            return false;
        }
        ranges(mayUnmap ? Nbd.CMD_WRITE_ZEROES : Nbd.CMD_WRITE_ZEROES | Nbd.CMD_FLAG_NO_HOLE << Short.SIZE, position,
                length);
        return true;
    }

    private void ranges(int command, long position, long length) throws IOException {
        for (long done = 0; done < length; ) {
            long part = Math.min(MAX_RANGE, length - done);
            request(command, position + done, part, null, 0);
            done += part;
        }
    }

    @Override
    public synchronized Extent extent(long position, long length) throws IOException {
        if (!hasStatus) {
            return new Extent(length, false);
        }
        request(Nbd.CMD_BLOCK_STATUS | Nbd.CMD_FLAG_REQ_ONE << Short.SIZE, position, Math.min(MAX_RANGE, length), null,
                0);
        return replies.extent();
    }

    /** @param command with flags in its upper half */
    private synchronized void request(int command, long position, long length, MemorySegment memory, long at)
            throws IOException {
        if (broken) {
            throw new IOException("the connection to " + name + " has broken");
        }
        cookie++;
        broken = true;
        ByteBuffer header = ByteBuffer.allocate(28).putInt(Nbd.REQUEST_MAGIC).putInt(command).putLong(cookie)
                .putLong(position).putInt((int) length).flip();
        if (command == Nbd.CMD_WRITE) {
            stream.write(header, memory, at, length);
        } else {
            stream.write(header);
        }
        replies.take(cookie, command & 0xffff, position, length, memory, at);
        broken = false;
        if (replies.error() != null) {
            throw new IOException("the server of " + name + " reports: " + replies.error());
        }
    }

    private void sayFarewell() {
        try {
            stream.write(ByteBuffer.allocate(28).putInt(Nbd.REQUEST_MAGIC).putInt(Nbd.CMD_DISC).clear());
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "the server went first; each request had its reply", e);
        }
    }

    /** Says farewell, so that the server knows that nothing is missing. */
    @Override
    public synchronized void close() throws IOException {
        try (stream) {
            if (!broken) {
                broken = true;
                sayFarewell();
            }
        }
    }
}
