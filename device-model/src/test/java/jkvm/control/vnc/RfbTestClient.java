package jkvm.control.vnc;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.Inflater;

/** A viewer of the tests. */
final class RfbTestClient extends RfbTestDecoder implements AutoCloseable {
    static final int RAW = 0;
    static final int COPY_RECT = 1;
    static final int HEXTILE = 5;
    static final int ZLIB = 6;
    static final int TIGHT = 7;
    static final int ZRLE = 16;
    static final int DESKTOP_SIZE = -223;
    static final int EXTENDED_DESKTOP_SIZE = -308;
    private static final int TIMEOUT_MILLIS = 20_000;

    final Socket socket;
    final DataOutputStream out;
    String name;
    final List<Integer> encodings = new ArrayList<>();
    int lights = -1;
    int pointerKind = -1;
    boolean hasExtendedKeys;
    int[] colourMap;

    RfbTestClient(int port) throws IOException {
        this(new Socket("localhost", port));
    }

    private RfbTestClient(Socket socket) throws IOException {
        super(new DataInputStream(new BufferedInputStream(socket.getInputStream())));
        this.socket = socket;
        socket.setSoTimeout(TIMEOUT_MILLIS);
        out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    }

    /** Connects without a password. */
    static RfbTestClient open(int port) throws IOException {
        RfbTestClient client = new RfbTestClient(port);
        client.version("RFB 003.008\n");
        expect(client.in.readUnsignedByte(), 1);
        expect(client.in.readUnsignedByte(), 1);
        client.out.writeByte(1);
        client.out.flush();
        expect(client.in.readInt(), 0);
        client.begin(true);
        return client;
    }

    String version(String ours) throws IOException {
        String theirs = new String(in.readNBytes(12), StandardCharsets.US_ASCII);
        out.writeBytes(ours);
        out.flush();
        return theirs;
    }

    void begin(boolean shared) throws IOException {
        out.writeByte(shared ? 1 : 0);
        out.flush();
        width = in.readUnsignedShort();
        height = in.readUnsignedShort();
        in.readNBytes(16);
        name = text();
        pixels = new int[width * height];
    }

    String text() throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }

    void setEncodings(int... numbers) throws IOException {
        out.writeByte(2);
        out.writeByte(0);
        out.writeShort(numbers.length);
        for (int number : numbers) {
            out.writeInt(number);
        }
        out.flush();
    }

    void setFormat(int bits, int depth, boolean big, int redMax, int greenMax, int blueMax, int redShift,
            int greenShift, int blueShift) throws IOException {
        out.writeInt(0);
        out.writeByte(bits);
        out.writeByte(depth);
        out.writeByte(big ? 1 : 0);
        out.writeByte(1);
        out.writeShort(redMax);
        out.writeShort(greenMax);
        out.writeShort(blueMax);
        out.writeByte(redShift);
        out.writeByte(greenShift);
        out.writeByte(blueShift);
        out.write(new byte[3]);
        out.flush();
        bytes = bits / 8;
        bigEndian = big;
    }

    void request(boolean incremental) throws IOException {
        out.writeByte(3);
        out.writeByte(incremental ? 1 : 0);
        out.writeInt(0);
        out.writeShort(width);
        out.writeShort(height);
        out.flush();
    }

    void key(int keysym, boolean isDown) throws IOException {
        out.writeByte(4);
        out.writeByte(isDown ? 1 : 0);
        out.writeShort(0);
        out.writeInt(keysym);
        out.flush();
    }

    void extendedKey(int number, boolean isDown) throws IOException {
        out.writeByte(255);
        out.writeByte(0);
        out.writeShort(isDown ? 1 : 0);
        out.writeInt(0);
        out.writeInt(number);
        out.flush();
    }

    void pointer(int buttons, int x, int y) throws IOException {
        out.writeByte(5);
        out.writeByte(buttons);
        out.writeShort(x);
        out.writeShort(y);
        out.flush();
    }

    /** Asks for updates until some have changed pixels. */
    void update(boolean incremental) throws IOException {
        request(incremental);
        while (!read()) {
            // It was about something else.
        }
    }

    /**
     * Reads a message.
     *
     * @return true if pixels have changed
     */
    boolean read() throws IOException {
        int type = in.readUnsignedByte();
        in.readUnsignedByte();
        if (type == 1) {
            int first = in.readUnsignedShort();
            colourMap = new int[in.readUnsignedShort()];
            expect(first, 0);
            for (int i = 0; i < colourMap.length; i++) {
                colourMap[i] = in.readUnsignedShort() >> 8 << 16 | in.readUnsignedShort() >> 8 << 8
                        | in.readUnsignedShort() >> 8;
            }
            return false;
        }
        expect(type, 0);
        int count = in.readUnsignedShort();
        boolean isPicture = false;
        for (int i = 0; i < count; i++) {
            isPicture |= rectangle();
        }
        return isPicture;
    }

    private boolean rectangle() throws IOException {
        int x = in.readUnsignedShort();
        int y = in.readUnsignedShort();
        int w = in.readUnsignedShort();
        int h = in.readUnsignedShort();
        int encoding = in.readInt();
        encodings.add(encoding);
        switch (encoding) {
            case RAW -> raw(in, x, y, w, h);
            case COPY_RECT -> copy(in.readUnsignedShort(), in.readUnsignedShort(), x, y, w, h);
            case HEXTILE -> hextile(x, y, w, h);
            case ZLIB -> raw(inflated(6, in.readInt(), w * h * bytes), x, y, w, h);
            case TIGHT -> tight(x, y, w, h);
            case ZRLE -> zrle(x, y, w, h);
            case DESKTOP_SIZE -> resize(w, h);
            case EXTENDED_DESKTOP_SIZE -> {
                int screens = in.readUnsignedByte();
                in.readNBytes(3 + 16 * screens);
                if (w != width || h != height) {
                    resize(w, h);
                }
            }
            case -257 -> pointerKind = x;
            case -258 -> hasExtendedKeys = true;
            case -261 -> lights = in.readUnsignedByte();
            default -> throw new AssertionError("encoding " + encoding);
        }
        return encoding >= 0;
    }

    private void resize(int w, int h) {
        width = w;
        height = h;
        pixels = new int[w * h];
    }

    @Override
    public void close() throws IOException {
        socket.close();
        streams.values().forEach(Inflater::end);
    }
}
