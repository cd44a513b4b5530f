package jkvm.host.disk.nbd;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A server's side of the negotiation: answers options until the client takes the export or goes. */
final class ServerHandshake {
    /** A base:allocation context's id: there is one only. */
    static final int CONTEXT_ID = 1;

    private static final int MAX_OPTIONS = 256;
    /** Bytes of an option: a name, and queries. Longer ones up to the second bound are skipped. */
    private static final int MAX_OPTION = 16_384, MAX_SKIPPED = 1 << 20;
    private static final int PREFERRED_BLOCK = 4096;
    private static final int ZEROES = 124;

    private final NbdStream stream;
    private final NbdExport export;
    private boolean withoutZeroes;
    private boolean structured;
    private boolean allocationContext;

    ServerHandshake(NbdStream stream, NbdExport export) {
        this.stream = stream;
        this.export = export;
    }

    /** Whether reads are answered in chunks. */
    boolean isStructured() {
        return structured;
    }

    /** Whether the client may ask for block status. */
    boolean hasAllocationContext() {
        return allocationContext;
    }

    /** @return whether the client has taken the export; otherwise it is gone */
    boolean negotiate() throws IOException {
        stream.write(ByteBuffer.allocate(18).putLong(Nbd.INIT_MAGIC).putLong(Nbd.OPTION_MAGIC)
                .putShort((short) (Nbd.FLAG_FIXED_NEWSTYLE | Nbd.FLAG_NO_ZEROES)).flip());
        int flags = stream.read(Integer.BYTES).getInt();
        if ((flags & ~(Nbd.FLAG_FIXED_NEWSTYLE | Nbd.FLAG_NO_ZEROES)) != 0) {
            throw new ProtocolException("unknown flags of the client: " + flags);
        }
        withoutZeroes = (flags & Nbd.FLAG_NO_ZEROES) != 0;
        for (int i = 0; i < MAX_OPTIONS; i++) {
            ByteBuffer header = stream.read(16);
            if (header.getLong() != Nbd.OPTION_MAGIC) {
                throw new ProtocolException("an option without its magic number");
            }
            int option = header.getInt();
            int length = header.getInt();
            if (length < 0 || length > MAX_SKIPPED) {
                throw new ProtocolException("an option of " + Integer.toUnsignedLong(length) + " bytes");
            }
            if (length > MAX_OPTION) {
                stream.skip(length);
                reply(option, Nbd.REP_ERR_TOO_BIG, "the option is too long");
                continue;
            }
            switch (answer(option, stream.read(length))) {
                case TAKEN -> {
                    return true;
                }
                case GONE -> {
                    return false;
                }
                case MORE -> { }
            }
        }
        throw new ProtocolException("more than " + MAX_OPTIONS + " options");
    }

    private enum Next { MORE, TAKEN, GONE }

    private Next answer(int option, ByteBuffer data) throws IOException {
        switch (option) {
            case Nbd.OPT_EXPORT_NAME -> {
                return takeByName(data);
            }
            case Nbd.OPT_ABORT -> {
                reply(option, Nbd.REP_ACK, new byte[0]);
                return Next.GONE;
            }
            case Nbd.OPT_LIST -> list(data);
            case Nbd.OPT_INFO, Nbd.OPT_GO -> {
                return describe(option, data) && option == Nbd.OPT_GO ? Next.TAKEN : Next.MORE;
            }
            case Nbd.OPT_STRUCTURED_REPLY -> {
                if (data.hasRemaining()) {
                    reply(option, Nbd.REP_ERR_INVALID, "the option has no data");
                } else {
                    structured = true;
                    reply(option, Nbd.REP_ACK, new byte[0]);
                }
            }
            case Nbd.OPT_LIST_META_CONTEXT, Nbd.OPT_SET_META_CONTEXT -> contexts(option, data);
            default -> reply(option, Nbd.REP_ERR_UNSUP, "option " + Integer.toUnsignedLong(option)
                    + " is not supported");
        }
        return Next.MORE;
    }

    private Next takeByName(ByteBuffer data) throws IOException {
        if (!NbdStream.text(data, data.remaining()).equals(export.name())) {
            // The option has no reply for errors.
            return Next.GONE;
        }
        ByteBuffer reply = ByteBuffer.allocate(10 + (withoutZeroes ? 0 : ZEROES)).putLong(export.image().capacity())
                .putShort((short) export.flags());
        stream.write(reply.clear());
        return Next.TAKEN;
    }

    private void list(ByteBuffer data) throws IOException {
        if (data.hasRemaining()) {
            reply(Nbd.OPT_LIST, Nbd.REP_ERR_INVALID, "the option has no data");
            return;
        }
        byte[] name = NbdStream.bytes(export.name());
        reply(Nbd.OPT_LIST, Nbd.REP_SERVER,
                ByteBuffer.allocate(Integer.BYTES + name.length).putInt(name.length).put(name).array());
        reply(Nbd.OPT_LIST, Nbd.REP_ACK, new byte[0]);
    }

    /** @return whether the option is well and names the export */
    private boolean describe(int option, ByteBuffer data) throws IOException {
        String name = takeText(data);
        int count = name != null && data.remaining() >= Short.BYTES ? Short.toUnsignedInt(data.getShort()) : -1;
        if (count < 0 || data.remaining() != count * Short.BYTES) {
            reply(option, Nbd.REP_ERR_INVALID, "the option's length does not fit its data");
            return false;
        }
        if (!isExport(option, name)) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            if (Short.toUnsignedInt(data.getShort()) == Nbd.INFO_NAME) {
                byte[] bytes = NbdStream.bytes(name);
                reply(option, Nbd.REP_INFO, ByteBuffer.allocate(Short.BYTES + bytes.length)
                        .putShort((short) Nbd.INFO_NAME).put(bytes).array());
            }
        }
        reply(option, Nbd.REP_INFO, ByteBuffer.allocate(12).putShort((short) Nbd.INFO_EXPORT)
                .putLong(export.image().capacity()).putShort((short) export.flags()).array());
        reply(option, Nbd.REP_INFO, ByteBuffer.allocate(14).putShort((short) Nbd.INFO_BLOCK_SIZE).putInt(1)
                .putInt(PREFERRED_BLOCK).putInt(Nbd.MAX_PAYLOAD).array());
        reply(option, Nbd.REP_ACK, new byte[0]);
        return true;
    }

    private boolean isExport(int option, String name) throws IOException {
        if (name.equals(export.name())) {
            return true;
        }
        reply(option, Nbd.REP_ERR_UNKNOWN, "export '" + name + "' not present");
        return false;
    }

    private void contexts(int option, ByteBuffer data) throws IOException {
        boolean sets = option == Nbd.OPT_SET_META_CONTEXT;
        if (sets) {
            allocationContext = false;
        }
        String name = takeText(data);
        List<String> queries = name == null ? null : takeQueries(data);
        if (queries == null || sets && !structured) {
            reply(option, Nbd.REP_ERR_INVALID, queries == null ? "the option's length does not fit its data"
                    : "structured replies come first");
            return;
        }
        if (!isExport(option, name)) {
            return;
        }
        boolean matches = queries.contains(Nbd.BASE_ALLOCATION)
                || !sets && (queries.isEmpty() || queries.contains(Nbd.BASE));
        if (matches) {
            byte[] context = NbdStream.bytes(Nbd.BASE_ALLOCATION);
            reply(option, Nbd.REP_META_CONTEXT, ByteBuffer.allocate(Integer.BYTES + context.length)
                    .putInt(sets ? CONTEXT_ID : 0).put(context).array());
        }
        allocationContext |= sets && matches;
        reply(option, Nbd.REP_ACK, new byte[0]);
    }

    /** @return null if the data is damaged */
    private static List<String> takeQueries(ByteBuffer data) {
        if (data.remaining() < Integer.BYTES) {
            return null;
        }
        int count = data.getInt();
        List<String> queries = new ArrayList<>();
        for (int i = 0; i != count; i++) {
            String query = takeText(data);
            if (query == null) {
                return null;
            }
            queries.add(query);
        }
        return data.hasRemaining() ? null : queries;
    }

    /** Takes a text after its length. @return null if the data is damaged */
    private static String takeText(ByteBuffer data) {
        if (data.remaining() < Integer.BYTES) {
            return null;
        }
        int length = data.getInt();
        return length < 0 || length > Math.min(Nbd.MAX_TEXT, data.remaining()) ? null : NbdStream.text(data, length);
    }

    private void reply(int option, int type, String message) throws IOException {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        reply(option, type, bytes.length <= Nbd.MAX_TEXT ? bytes : new byte[0]);
    }

    private void reply(int option, int type, byte[] data) throws IOException {
        stream.write(ByteBuffer.allocate(20 + data.length).putLong(Nbd.OPTION_REPLY_MAGIC).putInt(option).putInt(type)
                .putInt(data.length).put(data).flip());
    }
}
