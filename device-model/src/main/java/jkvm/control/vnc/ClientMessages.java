package jkvm.control.vnc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import jkvm.host.input.Button;
import jkvm.host.input.InputHub;
import jkvm.host.input.InputSource;
import jkvm.host.input.Key;

/** Reads what a viewer sends after the handshake, and acts on it; RFC 6143 section 7.5. For one thread. */
final class ClientMessages {
    private static final int SET_PIXEL_FORMAT = 0;
    private static final int SET_ENCODINGS = 2;
    private static final int UPDATE_REQUEST = 3;
    private static final int KEY_EVENT = 4;
    private static final int POINTER_EVENT = 5;
    private static final int CUT_TEXT = 6;
    private static final int SET_DESKTOP_SIZE = 251;
    private static final int QEMU = 255;
    private static final int QEMU_KEY_EVENT = 0;
    /** More text than this is no text that somebody has copied. */
    private static final int MAX_TEXT = 1 << 20;
    private static final int SCREEN_SIZE = 16;
    private static final int SET_PIXEL_FORMAT_PADDING = 3;
    private static final int MAX_NUMBER = 255;

    private static final int LEFT_BIT = 0x01;
    private static final int MIDDLE_BIT = 0x02;
    private static final int RIGHT_BIT = 0x04;
    private static final int WHEEL_UP_BIT = 0x08;
    private static final int WHEEL_DOWN_BIT = 0x10;
    private static final int SIDE_BIT = 0x80;
    /** The place of a pointer that moves relatively and does not move. */
    private static final int NO_MOTION = 0x7fff;

    private final WireReader reader;
    private final ViewerOutput output;
    private final InputHub input;
    private final InputSource source;
    private final Keymap keymap;
    private int lastButtons;
    private boolean movesRelatively;

    ClientMessages(WireReader reader, ViewerOutput output, InputHub input, InputSource source, Keymap keymap) {
        this.reader = reader;
        this.output = output;
        this.input = input;
        this.source = source;
        this.keymap = keymap;
    }

    /**
     * Reads a message and acts on it.
     *
     * @throws RfbException if it is none
     */
    void next() throws IOException {
        int type = reader.u8();
        switch (type) {
            case SET_PIXEL_FORMAT -> {
                reader.skip(SET_PIXEL_FORMAT_PADDING);
                output.setFormat(PixelFormat.read(ByteBuffer.wrap(reader.bytes(PixelFormat.SIZE))));
            }
            case SET_ENCODINGS -> setEncodings();
            case UPDATE_REQUEST -> output.request(reader.u8() != 0, reader.u16(), reader.u16(), reader.u16(),
                    reader.u16());
            case KEY_EVENT -> {
                boolean isDown = reader.u8() != 0;
                reader.skip(2);
                key(keymap.key(reader.s32()), isDown);
            }
            case POINTER_EVENT -> pointer(reader.u8(), reader.u16(), reader.u16());
            case CUT_TEXT -> cutText();
            case SET_DESKTOP_SIZE -> setDesktopSize();
            case QEMU -> qemu();
            default -> throw new RfbException("a message of type " + type);
        }
    }

    private void setEncodings() throws IOException {
        reader.skip(1);
        int count = reader.u16();
        int encoder = -1;
        int level = -1;
        Set<Integer> known = new HashSet<>();
        for (int i = 0; i < count; i++) {
            int number = reader.s32();
            if (Encodings.isKnown(number)) {
                known.add(number);
            }
            if (Encodings.isEncoder(number) && encoder < 0) {
                encoder = number;
            }
            level = Encodings.isLevel(number) ? Encodings.level(number) : level;
        }
        movesRelatively = known.contains(Encodings.POINTER_KIND);
        output.setEncodings(new Encodings(Math.max(encoder, Encoder.RAW), level, known));
    }

    private void cutText() throws IOException {
        reader.skip(3);
        int length = reader.s32();
        if (length < 0 || length > MAX_TEXT) {
            throw new RfbException("a text of " + Integer.toUnsignedString(length) + " bytes");
        }
        // The guest has no clipboard.
        reader.skip(length);
    }

    private void setDesktopSize() throws IOException {
        reader.skip(5);
        int screens = reader.u8();
        reader.skip(1 + screens * SCREEN_SIZE);
        output.refuseSize();
    }

    private void qemu() throws IOException {
        int type = reader.u8();
        if (type != QEMU_KEY_EVENT) {
            throw new RfbException("a message of QEMU's of type " + type);
        }
        boolean isDown = reader.u16() != 0;
        int keysym = reader.s32();
        int number = reader.s32();
        Optional<Key> key = number > 0 && number <= MAX_NUMBER ? Key.numbered(number) : Optional.empty();
        key(key.or(() -> keymap.key(keysym)), isDown);
    }

    private void key(Optional<Key> key, boolean isDown) {
        key.ifPresent(known -> source.key(known, isDown));
    }

    private void pointer(int buttons, int x, int y) {
        if (movesRelatively && !input.isAbsolute()) {
            source.moveBy(x - NO_MOTION, y - NO_MOTION);
        } else {
            source.pointAt(x, y, output.width(), output.height());
        }
        source.button(Button.LEFT, (buttons & LEFT_BIT) != 0);
        source.button(Button.MIDDLE, (buttons & MIDDLE_BIT) != 0);
        source.button(Button.RIGHT, (buttons & RIGHT_BIT) != 0);
        source.button(Button.SIDE, (buttons & SIDE_BIT) != 0);
        int pressed = buttons & ~lastButtons;
        if ((pressed & (WHEEL_UP_BIT | WHEEL_DOWN_BIT)) != 0) {
            source.wheel((pressed & WHEEL_DOWN_BIT) != 0 ? 1 : -1);
        }
        lastButtons = buttons;
    }
}
