package jkvm.host.disk.nbd;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import jkvm.host.disk.Extent;

/**
 * Takes a server's reply to one request: simple, or in chunks. Each chunk has to fit the request, so a hostile server
 * can write no byte elsewhere, take no more memory and send no reply without end.
 */
final class ReplyReader {
    /** Bytes of a chunk with block status or an error. */
    private static final int MAX_CHUNK = 64 << 10;
    private static final int MAX_ERRORS = 16;

    private final NbdStream stream;
    private final boolean structured;
    private final int context;

    private int command;
    private long position;
    private long length;
    private MemorySegment memory;
    private long at;

    private long received;
    private int errors;
    private String error;
    private Extent extent;

    /** @param context the id of {@code base:allocation}, if block status is asked for */
    ReplyReader(NbdStream stream, boolean structured, int context) {
        this.stream = stream;
        this.structured = structured;
        this.context = context;
    }

    /** The server's error; null if there was none. */
    String error() {
        return error;
    }

    /** The answer to a question about block status. */
    Extent extent() {
        return extent;
    }

    /**
     * Takes the whole reply.
     *
     * @param to where read data goes, from its byte {@code first} on; null if none is read
     * @throws IOException if the connection fails or the reply is damaged: it is of no use any more
     */
    void take(long cookie, int asked, long from, long count, MemorySegment to, long first) throws IOException {
        command = asked;
        position = from;
        length = count;
        memory = to;
        at = first;
        received = 0;
        errors = 0;
        error = null;
        extent = null;
        boolean last = false;
        while (!last) {
            ByteBuffer header = stream.read(16);
            int magic = header.getInt();
            int word = header.getInt();
            if (header.getLong() != cookie) {
                throw damaged("it is for another request");
            }
            if (magic == Nbd.STRUCTURED_REPLY_MAGIC && structured) {
                last = (word >>> Short.SIZE & Nbd.REPLY_FLAG_DONE) != 0;
                chunk(word & 0xffff, stream.read(Integer.BYTES).getInt(), last);
            } else if (magic == Nbd.SIMPLE_REPLY_MAGIC && !(structured && isChunked())) {
                simple(word);
                last = true;
            } else {
                throw damaged("it is of the wrong kind");
            }
        }
        boolean isComplete = command == Nbd.CMD_READ ? received == length
                : command != Nbd.CMD_BLOCK_STATUS || extent != null;
        if (error == null && !isComplete) {
            throw damaged("a part of it is missing");
        }
    }

    private boolean isChunked() {
        return command == Nbd.CMD_READ || command == Nbd.CMD_BLOCK_STATUS;
    }

    private void simple(int number) throws IOException {
        if (number != 0) {
            error = describe(number, "");
        } else if (command == Nbd.CMD_READ) {
            stream.read(memory, at, length);
            received = length;
        }
    }

    private void chunk(int type, int size, boolean last) throws IOException {
        boolean reads = command == Nbd.CMD_READ;
        if (type == Nbd.REPLY_NONE && size == 0 && last) {
            return;
        } else if (type == Nbd.REPLY_OFFSET_DATA && reads && size > Long.BYTES) {
            long count = size - Long.BYTES;
            stream.read(memory, place(stream.read(Long.BYTES).getLong(), count), count);
        } else if (type == Nbd.REPLY_OFFSET_HOLE && reads && size == Long.BYTES + Integer.BYTES) {
            ByteBuffer hole = stream.read(size);
            long offset = hole.getLong();
            long count = Integer.toUnsignedLong(hole.getInt());
            memory.asSlice(place(offset, count), count).fill((byte) 0);
        } else if (type == Nbd.REPLY_BLOCK_STATUS && command == Nbd.CMD_BLOCK_STATUS && size >= 12
                && size <= MAX_CHUNK) {
            status(stream.read(size));
        } else if ((type & Nbd.REPLY_ERROR_BIT) != 0 && size >= 6 && size <= MAX_CHUNK && errors < MAX_ERRORS) {
            errors++;
            fail(stream.read(size));
        } else {
            throw damaged("it has a chunk of type " + type + " and " + Integer.toUnsignedLong(size) + " bytes");
        }
    }

    /** Where in the memory the bytes of a chunk go. */
    private long place(long offset, long count) throws ProtocolException {
        received += count;
        if (count == 0 || received > length || offset < position || offset - position > length - count) {
            throw damaged("it has bytes that were not asked for");
        }
        return at + offset - position;
    }

    private void status(ByteBuffer chunk) throws ProtocolException {
        boolean isOurs = chunk.getInt() == context;
        long count = Integer.toUnsignedLong(chunk.getInt());
        int state = chunk.getInt();
        if (!isOurs || count == 0 || extent != null) {
            throw damaged("its block status is of no use");
        }
        extent = new Extent(Math.min(count, length), (state & Nbd.STATE_ZERO) != 0);
    }

    private void fail(ByteBuffer chunk) throws ProtocolException {
        int number = chunk.getInt();
        int text = Short.toUnsignedInt(chunk.getShort());
        if (number == 0 || text > chunk.remaining()) {
            throw damaged("it has an error without a number");
        }
        if (error == null) {
            error = describe(number, NbdStream.text(chunk, text));
        }
    }

    private static String describe(int number, String text) {
        String reason = switch (number) {
            case Nbd.EPERM -> "Operation not permitted";
            case Nbd.EIO -> "Input/output error";
            case Nbd.EINVAL -> "Invalid argument";
            case Nbd.ENOSPC -> "No space left on device";
            default -> "error " + Integer.toUnsignedLong(number);
        };
        return text.isEmpty() ? reason : reason + ": " + text;
    }

    private static ProtocolException damaged(String reason) {
        return new ProtocolException("the server's reply is damaged: " + reason);
    }
}
