package jkvm.control.vnc;

import java.util.Set;

/**
 * The things that a viewer understands, as it says itself. Immutable.
 *
 * @param encoder number of the encoding for rectangles: the first that it names and the server has
 * @param level   of compression, 0 to 9; -1 for the server's
 * @param known   all numbers that it names and the server knows
 */
record Encodings(int encoder, int level, Set<Integer> known) {
    /** Takes rectangles from elsewhere on its screen. */
    static final int COPY_RECT = 1;
    /** Learns that the screen has another size; as the next one, with the screens that it consists of. */
    static final int DESKTOP_SIZE = -223;
    static final int EXTENDED_DESKTOP_SIZE = -308;
    /** Sends relative motion where the guest knows no other; QEMU's, as the next two. */
    static final int POINTER_KIND = -257;
    /** Tells keys by their numbers. */
    static final int EXTENDED_KEYS = -258;
    /** Shows the keyboard's lights. */
    static final int LIGHTS = -261;

    /** Of a viewer that has said nothing. */
    static final Encodings NONE = new Encodings(Encoder.RAW, -1, Set.of());

    private static final int FIRST_LEVEL = -256;
    private static final int LAST_LEVEL = -247;
    private static final Set<Integer> ENCODERS = Set.of(Encoder.RAW, Encoder.HEXTILE, Encoder.ZLIB, Encoder.TIGHT,
            Encoder.ZRLE);
    private static final Set<Integer> OTHERS = Set.of(COPY_RECT, DESKTOP_SIZE, EXTENDED_DESKTOP_SIZE, POINTER_KIND,
            EXTENDED_KEYS, LIGHTS);

    Encodings {
        known = Set.copyOf(known);
    }

    /** True if the server knows the number; {@link #encoder} aside, order does not matter. */
    static boolean isKnown(int number) {
        return ENCODERS.contains(number) || OTHERS.contains(number) || isLevel(number);
    }

    static boolean isEncoder(int number) {
        return ENCODERS.contains(number);
    }

    static boolean isLevel(int number) {
        return number >= FIRST_LEVEL && number <= LAST_LEVEL;
    }

    /** The level of compression that the number asks for. */
    static int level(int number) {
        return number - FIRST_LEVEL;
    }

    boolean has(int number) {
        return known.contains(number);
    }

    boolean canResize() {
        return has(DESKTOP_SIZE) || has(EXTENDED_DESKTOP_SIZE);
    }
}
