package jkvm.control.vnc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Lets a viewer in, or tells it why not; RFC 6143 section 7.1 and 7.2, and the versions 3.3 and 3.7 before it. */
final class Handshake {
    private static final String VERSION = "RFB 003.008\n";
    private static final int NO_SECURITY = 0;
    private static final int NONE = 1;
    private static final int PASSWORD = 2;
    private static final int OK = 0;
    private static final int FAILED = 1;

    private final Wire wire;
    private final WireReader reader;
    private final ByteWriter out = new ByteWriter();
    private int minor;

    Handshake(Wire wire, WireReader reader) {
        this.wire = wire;
        this.reader = reader;
    }

    /**
     * Agrees on a version.
     *
     * @throws RfbException for a viewer of another version, which is told so
     */
    void version() throws IOException {
        byte[] version = VERSION.getBytes(StandardCharsets.US_ASCII);
        out.bytes(version, 0, version.length);
        send();
        String theirs = new String(reader.bytes(version.length), StandardCharsets.ISO_8859_1);
        minor = switch (theirs) {
            case "RFB 003.003\n", "RFB 003.004\n", "RFB 003.005\n" -> 3;
            case "RFB 003.007\n" -> 7;
            case VERSION -> 8;
            default -> throw unknownVersion(theirs);
        };
    }

    private RfbException unknownVersion(String theirs) throws IOException {
        String reason = "this server has the versions 3.3, 3.7 and 3.8 of the protocol";
        if (theirs.startsWith("RFB ")) {
            // As 3.3 has it, which a viewer of any version reads as a failure.
            out.u32(NO_SECURITY);
            out.text(reason);
            send();
        }
        return new RfbException(reason);
    }

    /**
     * Lets the viewer say the password.
     *
     * @param password empty to let anybody in
     * @throws RfbException if it is not let in
     */
    void security(Optional<VncPassword> password) throws IOException {
        int wanted = password.isPresent() ? PASSWORD : NONE;
        if (minor == 3) {
            out.u32(wanted);
        } else {
            out.u8(1);
            out.u8(wanted);
            send();
            int chosen = reader.u8();
            if (chosen != wanted) {
                throw fail("security type " + chosen + " was not offered");
            }
        }
        if (password.isPresent()) {
            byte[] challenge = password.get().challenge();
            out.bytes(challenge, 0, challenge.length);
            send();
            Optional<String> refusal = password.get().check(challenge, reader.bytes(challenge.length));
            Arrays.fill(challenge, (byte) 0);
            if (refusal.isPresent()) {
                throw fail(refusal.get());
            }
            out.u32(OK);
        } else if (minor == 8) {
            out.u32(OK);
        }
        send();
    }

    private RfbException fail(String reason) throws IOException {
        out.u32(FAILED);
        if (minor == 8) {
            out.text(reason);
        }
        send();
        return new RfbException(reason);
    }

    /** @return true if the viewer lets others look on */
    boolean isShared() throws IOException {
        return reader.u8() != 0;
    }

    /** Tells the viewer the screen's size and name. */
    void begin(int width, int height, String name) throws IOException {
        out.u16(width);
        out.u16(height);
        PixelFormat.SERVER.write(out);
        out.text(name);
        send();
    }

    private void send() throws IOException {
        wire.write(out.array(), 0, out.size());
        out.clear();
    }
}
