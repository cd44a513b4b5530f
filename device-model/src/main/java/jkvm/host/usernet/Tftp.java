package jkvm.host.usernet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Gives out the regular files of one folder, read only: TFTP (RFC 1350) with the options blksize, tsize and timeout
 * (RFC 2347-2349). Links are followed as long as they stay in the folder. The guest repeats what it missed.
 */
final class Tftp {
    static final int MAX_SESSIONS = 16;
    private static final int READ = 1, WRITE = 2, DATA = 3, ACKNOWLEDGE = 4, ERROR = 5, OPTIONS = 6;
    private static final int UNDEFINED = 0, NOT_FOUND = 1, ACCESS = 2, ILLEGAL = 4;
    private static final int DEFAULT_BLOCK = 512, MAX_BLOCK = 1428, MAX_REQUEST = 1024;

    private final UserConfig config;
    private final IpSender sender;
    private final FlowKey probe = new FlowKey();
    private final Map<FlowKey, Session> sessions = new LinkedHashMap<>(16, 0.75f, true);

    /** One transfer. */
    private static final class Session {
        final FlowKey key;
        final FileChannel file;
        final long size;
        int block = DEFAULT_BLOCK;
        /** Number of the block that was sent last; TFTP sees its low 16 bits. */
        long sent;

        Session(FlowKey key, FileChannel file, long size) {
            this.key = key;
            this.file = file;
            this.size = size;
        }
    }

    Tftp(UserConfig config, IpSender sender) {
        this.config = config;
        this.sender = sender;
    }

    /** A datagram for the gateway's TFTP port. */
    void receive(Packet packet, int start, int length, int port) {
        if (length < 4) {
            return;
        }
        probe.set(packet.srcHi, packet.srcLo, port, packet.dstHi, packet.dstLo, UdpNat.TFTP);
        int operation = packet.data.getShort(start) & 0xffff;
        switch (operation) {
            case READ -> open(packet.data, start + 2, Math.min(length - 2, MAX_REQUEST));
            case WRITE -> error(ACCESS, "this server is read only");
            case ACKNOWLEDGE -> acknowledged(packet.data.getShort(start + 2) & 0xffff);
            case ERROR -> close(sessions.get(probe));
            default -> { }
        }
    }

    private void open(ByteBuffer data, int start, int length) {
        close(sessions.get(probe));
        byte[] bytes = new byte[length];
        data.get(start, bytes);
        String[] words = new String(bytes, StandardCharsets.UTF_8).split("\0", 20);
        if (words.length < 3 || !words[1].equalsIgnoreCase("octet")) {
            error(ILLEGAL, "only whole requests in octet mode");
            return;
        }
        try {
            Path file = find(words[0]);
            Session session = new Session(probe.copy(), FileChannel.open(file, StandardOpenOption.READ),
                    Files.size(file));
            if (sessions.size() >= MAX_SESSIONS) {
                close(sessions.values().iterator().next());
            }
            sessions.put(session.key, session);
            answer(session, words);
        } catch (NoSuchFileException _) {
            error(NOT_FOUND, "file not found");
        } catch (IOException | InvalidPathException _) {
            error(ACCESS, "access violation");
        }
    }

    private Path find(String name) throws IOException {
        Path root = config.tftp().orElseThrow().toRealPath();
        String relative = name.replaceFirst("^/+", "");
        if (relative.isEmpty()) {
            throw new NoSuchFileException(name);
        }
        Path asked = root.resolve(relative).normalize();
        if (!asked.startsWith(root)) {
            throw new IOException("outside");
        }
        Path file = asked.toRealPath();
        if (!file.startsWith(root) || !Files.isRegularFile(file)) {
            throw new IOException("outside, or no file");
        }
        return file;
    }

    private void answer(Session session, String[] words) {
        StringBuilder accepted = new StringBuilder();
        for (int i = 2; i + 1 < words.length; i += 2) {
            String value = words[i + 1];
            boolean number = value.matches("[0-9]{1,9}");
            switch (words[i].toLowerCase(Locale.ROOT)) {
                case "blksize" -> {
                    if (number && Integer.parseInt(value) >= 8) {
                        session.block = Math.min(Integer.parseInt(value), MAX_BLOCK);
                        accepted.append("blksize\0").append(session.block).append('\0');
                    }
                }
                case "tsize" -> accepted.append("tsize\0").append(session.size).append('\0');
                case "timeout" -> {
                    if (number) {
                        accepted.append("timeout\0").append(value).append('\0');
                    }
                }
                default -> { }
            }
        }
        if (accepted.isEmpty()) {
            sendBlock(session, 1);
            return;
        }
        byte[] text = accepted.toString().getBytes(StandardCharsets.US_ASCII);
        int at = begin(session.key);
        sender.data().putShort(at, (short) OPTIONS).put(at + 2, text);
        sender.sendUdp(UdpNat.TFTP, session.key.guestPort, 2 + text.length);
    }

    private void acknowledged(int block) {
        Session session = sessions.get(probe);
        if (session == null) {
            return;
        }
        if (block == (session.sent & 0xffff)) {
            if (session.sent > 0 && session.sent * session.block > session.size) {
                close(session);
            } else {
                sendBlock(session, session.sent + 1);
            }
        } else if (session.sent > 0 && block == (session.sent - 1 & 0xffff)) {
            sendBlock(session, session.sent);
        }
    }

    private void sendBlock(Session session, long number) {
        int at = begin(session.key);
        ByteBuffer data = sender.data();
        long position = (number - 1) * session.block;
        int length = 0;
        try {
            int wanted = Math.clamp(session.size - position, 0, session.block);
            data.limit(at + 4 + wanted).position(at + 4);
            while (data.hasRemaining() && session.file.read(data, position + length) > 0) {
                length = data.position() - at - 4;
            }
            length = data.position() - at - 4;
            if (length < wanted) {
                throw new IOException("the file has become shorter");
            }
        } catch (IOException _) {
            data.clear();
            close(session);
            probe.set(session.key.guestHi, session.key.guestLo, session.key.guestPort, session.key.remoteHi,
                    session.key.remoteLo, UdpNat.TFTP);
            error(UNDEFINED, "cannot read the file");
            return;
        }
        data.clear();
        session.sent = number;
        data.putShort(at, (short) DATA).putShort(at + 2, (short) number);
        sender.sendUdp(UdpNat.TFTP, session.key.guestPort, 4 + length);
    }

    private void error(int code, String text) {
        int at = begin(probe);
        byte[] bytes = (text + "\0").getBytes(StandardCharsets.US_ASCII);
        sender.data().putShort(at, (short) ERROR).putShort(at + 2, (short) code).put(at + 4, bytes);
        sender.sendUdp(UdpNat.TFTP, probe.guestPort, 4 + bytes.length);
    }

    private int begin(FlowKey key) {
        return sender.begin(key.remoteHi, key.remoteLo, key.guestHi, key.guestLo) + 8;
    }

    private void close(Session session) {
        if (session == null) {
            return;
        }
        sessions.remove(session.key, session);
        try {
            session.file.close();
        } catch (IOException _) {
            // It was only read.
        }
    }

    int size() {
        return sessions.size();
    }

    void close() {
        while (!sessions.isEmpty()) {
            close(sessions.values().iterator().next());
        }
    }
}
