package jkvm.host.disk.nbd;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import jkvm.host.disk.BlockStatus;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.Extent;
import jkvm.linux.Errno;
import jkvm.linux.Fd;
import jkvm.linux.LinuxException;

/**
 * Serves the requests of a client that has taken the export, one after another. Data goes through one buffer, whatever
 * lengths the client asks for. An {@link IOException} of {@link #serve()} is the connection's; the image's are told to
 * the client.
 */
final class ServerConnection {
    private static final int BUFFER = 1 << 20;
    private static final int HEADER = 64;
    /** Of one answer about block status: stretches, and questions to the image. */
    private static final int MAX_STRETCHES = 1024, MAX_QUESTIONS = 8192;

    private final NbdStream stream;
    private final DiskImage image;
    private final boolean readOnly;
    private final boolean structured;
    private final boolean hasContext;
    private final ByteBuffer header = ByteBuffer.allocate(HEADER);
    private MemorySegment buffer;

    ServerConnection(NbdStream stream, NbdExport export, ServerHandshake handshake) {
        this.stream = stream;
        this.image = export.image();
        this.readOnly = export.readOnly();
        this.structured = handshake.isStructured();
        this.hasContext = handshake.hasAllocationContext();
    }

    /** @param length as the wire has it, without a sign */
    private record Request(int flags, int command, long cookie, long offset, long length) {
        boolean has(int flag) {
            return (flags & flag) != 0;
        }
    }

    /** What goes on with the image. */
    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    /** Returns when the client says that it goes. */
    void serve() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            buffer = arena.allocate(BUFFER, Fd.DIRECT_ALIGNMENT);
            for (Request request = next(); request.command != Nbd.CMD_DISC; request = next()) {
                serve(request);
            }
        }
    }

    private Request next() throws IOException {
        ByteBuffer bytes = stream.read(28);
        if (bytes.getInt() != Nbd.REQUEST_MAGIC) {
            throw new ProtocolException("a request without its magic number");
        }
        return new Request(Short.toUnsignedInt(bytes.getShort()), Short.toUnsignedInt(bytes.getShort()),
                bytes.getLong(), bytes.getLong(), Integer.toUnsignedLong(bytes.getInt()));
    }

    private void serve(Request request) throws IOException {
        boolean moves = request.command == Nbd.CMD_READ || request.command == Nbd.CMD_WRITE;
        if (moves && request.length > Nbd.MAX_PAYLOAD) {
            throw new ProtocolException("a request for " + request.length + " bytes");
        }
        int error = check(request);
        if (error != 0) {
            if (request.command == Nbd.CMD_WRITE) {
                stream.skip(request.length);
            }
            answer(request, error);
            return;
        }
        switch (request.command) {
            case Nbd.CMD_READ -> read(request);
            case Nbd.CMD_WRITE -> write(request);
            case Nbd.CMD_BLOCK_STATUS -> status(request);
            // Reading ahead helps no one here: the host's page cache does it.
            case Nbd.CMD_CACHE -> answer(request, 0);
            case Nbd.CMD_FLUSH -> answer(request, attempt(image::flush));
            case Nbd.CMD_TRIM -> answer(request, attempt(() -> {
                image.discard(request.offset, request.length);
                flushIfAsked(request);
            }));
            default -> answer(request, attempt(() -> {
                image.writeZeroes(request.offset, request.length, !request.has(Nbd.CMD_FLAG_NO_HOLE));
                flushIfAsked(request);
            }));
        }
    }

    /** @return an error number, or 0 */
    private int check(Request request) {
        boolean changes = request.command == Nbd.CMD_WRITE || request.command == Nbd.CMD_TRIM
                || request.command == Nbd.CMD_WRITE_ZEROES;
        int flags = switch (request.command) {
            case Nbd.CMD_READ -> structured ? Nbd.CMD_FLAG_FUA | Nbd.CMD_FLAG_DF : Nbd.CMD_FLAG_FUA;
            case Nbd.CMD_WRITE_ZEROES -> Nbd.CMD_FLAG_FUA | Nbd.CMD_FLAG_NO_HOLE;
            case Nbd.CMD_BLOCK_STATUS -> Nbd.CMD_FLAG_FUA | Nbd.CMD_FLAG_REQ_ONE;
            case Nbd.CMD_WRITE, Nbd.CMD_TRIM, Nbd.CMD_FLUSH, Nbd.CMD_CACHE -> Nbd.CMD_FLAG_FUA;
            default -> -1;
        };
        boolean unknown = flags < 0 || (request.flags & ~flags) != 0;
        if (unknown || request.command == Nbd.CMD_BLOCK_STATUS && (!hasContext || request.length == 0)) {
            return Nbd.EINVAL;
        }
        if (changes && readOnly) {
            return Nbd.EPERM;
        }
        boolean outside = request.offset < 0 || request.offset > image.capacity()
                || request.length > image.capacity() - request.offset;
        if (outside && request.command != Nbd.CMD_FLUSH) {
            return request.command == Nbd.CMD_WRITE || request.command == Nbd.CMD_WRITE_ZEROES ? Nbd.ENOSPC
                    : Nbd.EINVAL;
        }
        return request.has(Nbd.CMD_FLAG_DF) && request.length > BUFFER ? Nbd.EOVERFLOW : 0;
    }

    /** @return an error number, or 0 */
    private static int attempt(Work work) {
        try {
            work.run();
            return 0;
        } catch (IOException e) {
            boolean full = e.getCause() instanceof LinuxException cause && cause.errno() == Errno.ENOSPC;
            return full ? Nbd.ENOSPC : Nbd.EIO;
        }
    }

    private void flushIfAsked(Request request) throws IOException {
        if (request.has(Nbd.CMD_FLAG_FUA)) {
            image.flush();
        }
    }

    private void write(Request request) throws IOException {
        int error = 0;
        for (long done = 0; done < request.length; ) {
            long part = Math.min(BUFFER, request.length - done);
            stream.read(buffer, 0, part);
            if (error == 0) {
                long at = request.offset + done;
                error = attempt(() -> image.write(at, buffer, 0, part));
            }
            done += part;
        }
        answer(request, error != 0 ? error : attempt(() -> flushIfAsked(request)));
    }

    private void read(Request request) throws IOException {
        if (!structured) {
            readSimple(request);
            return;
        }
        if (request.length == 0) {
            answer(request, 0);
            return;
        }
        long end = request.offset + request.length;
        for (long at = request.offset; at < end; ) {
            at += readChunk(request, at, end);
        }
    }

    /**
     * Sends the next stretch of a read: zeros that the image knows of, or bytes.
     *
     * @return how much of the request is answered
     */
    private long readChunk(Request request, long at, long end) throws IOException {
        Extent[] found = {new Extent(end - at, false)};
        int error = request.has(Nbd.CMD_FLAG_DF) ? 0 : attempt(() -> found[0] = image.extent(at, end - at));
        boolean hole = found[0].zero();
        long part = hole ? found[0].length() : Math.min(BUFFER, found[0].length());
        if (error == 0 && !hole) {
            error = attempt(() -> image.read(at, buffer, 0, part));
        }
        if (error != 0) {
            stream.write(chunk(request, true, Nbd.REPLY_ERROR_OFFSET, 14).putInt(error).putShort((short) 0).putLong(at)
                    .flip());
            return end - at;
        }
        boolean last = at + part == end;
        if (hole) {
            stream.write(chunk(request, last, Nbd.REPLY_OFFSET_HOLE, 12).putLong(at).putInt((int) part).flip());
        } else {
            stream.write(chunk(request, last, Nbd.REPLY_OFFSET_DATA, Long.BYTES + (int) part).putLong(at).flip(),
                    buffer, 0, part);
        }
        return part;
    }

    /** The answer begins before all is read: an error after that can only end the connection. */
    private void readSimple(Request request) throws IOException {
        for (long done = 0; done < request.length || done == 0; ) {
            long part = Math.min(BUFFER, request.length - done);
            long at = request.offset + done;
            int error = attempt(() -> image.read(at, buffer, 0, part));
            if (done == 0) {
                answer(request, error);
            }
            if (error != 0 && done > 0) {
                throw new IOException("the image cannot be read at " + at);
            }
            if (error != 0 || part == 0) {
                return;
            }
            stream.write(header.clear().flip(), buffer, 0, part);
            done += part;
        }
    }

    private void status(Request request) throws IOException {
        int limit = request.has(Nbd.CMD_FLAG_REQ_ONE) ? 1 : MAX_STRETCHES;
        ByteBuffer stretches = ByteBuffer.allocate(limit * 2 * Integer.BYTES);
        int error = attempt(() -> collect(request, stretches));
        if (error != 0) {
            answer(request, error);
            return;
        }
        stretches.flip();
        stream.write(chunk(request, true, Nbd.REPLY_BLOCK_STATUS, Integer.BYTES + stretches.remaining())
                .putInt(ServerHandshake.CONTEXT_ID).flip(), MemorySegment.ofBuffer(stretches), 0,
                stretches.remaining());
    }

    /** Stretches of the same state become one; what does not fit is left for the client's next question. */
    private void collect(Request request, ByteBuffer stretches) throws IOException {
        long end = request.offset + request.length;
        long length = 0;
        int state = -1;
        long at = request.offset;
        for (int i = 0; at < end && i < MAX_QUESTIONS; i++) {
            BlockStatus next = BlockStatus.inChain(image, at, end - at);
            int nextState = (next.data() ? 0 : Nbd.STATE_HOLE) | (next.zero() ? Nbd.STATE_ZERO : 0);
            if (nextState != state && length > 0) {
                stretches.putInt((int) length).putInt(state);
                length = 0;
                if (!stretches.hasRemaining()) {
                    return;
                }
            }
            state = nextState;
            length += next.length();
            at += next.length();
        }
        stretches.putInt((int) length).putInt(state);
    }

    /** Answers a request without data; 0 is success. */
    private void answer(Request request, int error) throws IOException {
        boolean chunked = structured && (request.command == Nbd.CMD_READ || request.command == Nbd.CMD_BLOCK_STATUS);
        if (!chunked) {
            stream.write(header.clear().putInt(Nbd.SIMPLE_REPLY_MAGIC).putInt(error).putLong(request.cookie).flip());
        } else if (error == 0) {
            stream.write(chunk(request, true, Nbd.REPLY_NONE, 0).flip());
        } else {
            stream.write(chunk(request, true, Nbd.REPLY_ERROR, 6).putInt(error).putShort((short) 0).flip());
        }
    }

    private ByteBuffer chunk(Request request, boolean last, int type, int length) {
        return header.clear().putInt(Nbd.STRUCTURED_REPLY_MAGIC).putShort((short) (last ? Nbd.REPLY_FLAG_DONE : 0))
                .putShort((short) type).putLong(request.cookie).putInt(length);
    }
}
