package jkvm.host.disk.nbd;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/** A client's side of the negotiation. */
final class ClientHandshake {
    private static final int MAX_REPLY = 64 << 10;
    private static final int MAX_REPLIES = 4096;

    private final NbdStream stream;
    private final String export;
    private String message = "";
    private long size = -1;
    private int flags;
    private boolean structured;
    private OptionalInt context = OptionalInt.empty();

    ClientHandshake(NbdStream stream, String export) {
        this.stream = stream;
        this.export = export;
    }

    /** The export's size in bytes. */
    long size() {
        return size;
    }

    /** The transmission flags. */
    int flags() {
        return flags;
    }

    /** Whether the server answers reads in chunks. */
    boolean isStructured() {
        return structured;
    }

    /** The id of the server's {@code base:allocation}, if it tells block status. */
    OptionalInt context() {
        return context;
    }

    /** Takes the export. */
    void negotiate() throws IOException {
        ByteBuffer greeting = stream.read(18);
        if (greeting.getLong() != Nbd.INIT_MAGIC || greeting.getLong() != Nbd.OPTION_MAGIC
                || (greeting.getShort() & Nbd.FLAG_FIXED_NEWSTYLE) == 0) {
            throw new ProtocolException("it is no NBD server of the fixed newstyle");
        }
        stream.write(ByteBuffer.allocate(4).putInt(Nbd.FLAG_FIXED_NEWSTYLE).flip());
        byte[] name = NbdStream.bytes(export);
        structured = ask(Nbd.OPT_STRUCTURED_REPLY, ByteBuffer.allocate(0)) == Nbd.REP_ACK;
        if (structured) {
            byte[] query = NbdStream.bytes(Nbd.BASE_ALLOCATION);
            ask(Nbd.OPT_SET_META_CONTEXT, ByteBuffer.allocate(12 + name.length + query.length).putInt(name.length)
                    .put(name).putInt(1).putInt(query.length).put(query).flip());
        }
        message = "";
        int answer = ask(Nbd.OPT_GO, ByteBuffer.allocate(6 + name.length).putInt(name.length).put(name)
                .putShort((short) 0).flip());
        if (answer != Nbd.REP_ACK) {
            throw new IOException("Requested export not available" + (message.isEmpty() ? ""
                    : ": the server says: " + message));
        }
        if (size < 0) {
            throw new ProtocolException("the server tells no size of the export");
        }
    }

    /** @return the type of the last reply: an acknowledgement or an error */
    private int ask(int option, ByteBuffer data) throws IOException {
        stream.write(ByteBuffer.allocate(16 + data.remaining()).putLong(Nbd.OPTION_MAGIC).putInt(option)
                .putInt(data.remaining()).put(data).flip());
        for (int i = 0; i < MAX_REPLIES; i++) {
            ByteBuffer header = stream.read(20);
            boolean fits = header.getLong() == Nbd.OPTION_REPLY_MAGIC && header.getInt() == option;
            int type = header.getInt();
            int length = header.getInt();
            if (!fits || length < 0 || length > MAX_REPLY) {
                throw new ProtocolException("the server's reply to an option is damaged");
            }
            ByteBuffer reply = stream.read(length);
            if (type == Nbd.REP_ACK) {
                return type;
            }
            if (type < 0) {
                message = StandardCharsets.UTF_8.decode(reply).toString();
                return type;
            }
            take(type, reply);
        }
        throw new ProtocolException("the server's replies to an option do not end");
    }

    private void take(int type, ByteBuffer reply) {
        if (type == Nbd.REP_INFO && reply.remaining() == 12 && reply.getShort() == Nbd.INFO_EXPORT) {
            size = reply.getLong();
            flags = Short.toUnsignedInt(reply.getShort());
        } else if (type == Nbd.REP_META_CONTEXT && reply.remaining() >= Integer.BYTES) {
            int id = reply.getInt();
            if (NbdStream.text(reply, reply.remaining()).equals(Nbd.BASE_ALLOCATION)) {
                context = OptionalInt.of(id);
            }
        }
    }
}
