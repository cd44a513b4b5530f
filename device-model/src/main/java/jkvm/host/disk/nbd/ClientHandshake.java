package jkvm.host.disk.nbd;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A client's side of the negotiation. */
final class ClientHandshake {
    private static final int MAX_REPLY = 64 << 10;
    private static final int MAX_REPLIES = 4096;

    private final NbdStream stream;
    private final String export;
    private String message = "";
    private long size = -1;
    private int flags;

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

    /** Takes the export. */
    void negotiate() throws IOException {
        ByteBuffer greeting = stream.read(18);
        if (greeting.getLong() != Nbd.INIT_MAGIC || greeting.getLong() != Nbd.OPTION_MAGIC
                || (greeting.getShort() & Nbd.FLAG_FIXED_NEWSTYLE) == 0) {
            throw new ProtocolException("it is no NBD server of the fixed newstyle");
        }
        stream.write(ByteBuffer.allocate(4).putInt(Nbd.FLAG_FIXED_NEWSTYLE).flip());
        byte[] name = NbdStream.bytes(export);
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
        }
    }
}
