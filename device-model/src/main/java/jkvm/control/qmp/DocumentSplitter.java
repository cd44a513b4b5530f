package jkvm.control.qmp;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Finds the JSON documents in a stream of bytes, by their brackets and quotes alone. Length and depth are bounded.
 * After bytes that no document has, the rest of the line is skipped.
 */
final class DocumentSplitter {
    /** The longest document in bytes. */
    static final int MAX_SIZE = 256 << 10;
    /** How deep it may be nested: as {@link jkvm.json.JsonReader} allows. */
    static final int MAX_DEPTH = 64;

    private static final int FIRST_PRINTABLE = 0x20;
    /** UTF-8 has no such byte. A client sends it to begin anew. */
    private static final int RESYNC = 0xFE;

    /** Takes what is found, in its order. */
    interface Sink {

        /** Takes a text that has the outline of a document. */
        void document(String text);

        /** @param why in QEMU's words */
        void broken(String why);
    }

    private enum Place { BETWEEN, WORD, STRUCTURE, STRING, ESCAPE, SKIPPED }

    private final Sink sink;
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private Place place = Place.BETWEEN;
    private int quote;
    private int depth;

    DocumentSplitter(Sink sink) {
        this.sink = sink;
    }

    /** Forgets an unfinished document. */
    void reset() {
        text.reset();
        place = Place.BETWEEN;
        depth = 0;
    }

    /** Takes the next byte. */
    void read(byte next) {
        int value = Byte.toUnsignedInt(next);
        if (place == Place.WORD && isEndOfWord(value)) {
            finish();
        }
        if (value >= RESYNC || value < FIRST_PRINTABLE) {
            readControl(value);
            return;
        }
        if (text.size() == MAX_SIZE) {
            giveUp("JSON token size limit exceeded");
            return;
        }
        switch (place) {
            case BETWEEN -> begin(value);
            case WORD -> text.write(value);
            case STRUCTURE -> readStructure(value);
            case STRING -> readString(value);
            case ESCAPE -> {
                text.write(value);
                place = Place.STRING;
            }
            case SKIPPED -> {
                // The rest of a line that is broken already.
            }
        }
    }

    private static boolean isEndOfWord(int value) {
        return value <= FIRST_PRINTABLE || value >= RESYNC || "{}[],:\"'".indexOf(value) >= 0;
    }

    private void readControl(int value) {
        boolean isSpace = value == '\n' || value == '\r' || value == '\t';
        boolean isInside = place == Place.STRING || place == Place.ESCAPE;
        boolean isEnd = value == '\n' || value == '\r' || value >= RESYNC;
        if (place == Place.SKIPPED) {
            if (isEnd) {
                reset();
            }
        } else if (isSpace && !isInside) {
            if (place == Place.STRUCTURE) {
                text.write(value);
            }
        } else if (value >= RESYNC && place == Place.BETWEEN) {
            reset();
        } else {
            giveUp("JSON parse error, stray '%s'".formatted(isSpace ? "\\n" : "\\x%02x".formatted(value)));
            if (isEnd) {
                reset();
            }
        }
    }

    private void begin(int value) {
        switch (value) {
            case ' ' -> {
                // Between two documents.
            }
            case '{', '[' -> {
                place = Place.STRUCTURE;
                readStructure(value);
            }
            case '}', ']', ',', ':' -> sink.broken("JSON parse error, expecting value");
            case '"', '\'' -> openString(value);
            default -> {
                place = Place.WORD;
                text.write(value);
            }
        }
    }

    private void openString(int value) {
        text.write(value);
        quote = value;
        place = Place.STRING;
    }

    private void readStructure(int value) {
        switch (value) {
            case '{', '[' -> {
                text.write(value);
                if (++depth > MAX_DEPTH) {
                    giveUp("JSON nesting depth limit exceeded");
                }
            }
            case '}', ']' -> {
                text.write(value);
                if (--depth == 0) {
                    finish();
                }
            }
            case '"', '\'' -> openString(value);
            default -> text.write(value);
        }
    }

    private void readString(int value) {
        text.write(value);
        if (value == '\\') {
            place = Place.ESCAPE;
        } else if (value == quote) {
            place = Place.STRUCTURE;
            if (depth == 0) {
                finish();
            }
        }
    }

    private void giveUp(String why) {
        reset();
        place = Place.SKIPPED;
        sink.broken(why);
    }

    private void finish() {
        byte[] document = text.toByteArray();
        reset();
        try {
            sink.document(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(document)).toString());
        } catch (CharacterCodingException _) {
            sink.broken("JSON parse error, invalid UTF-8");
        }
    }
}
