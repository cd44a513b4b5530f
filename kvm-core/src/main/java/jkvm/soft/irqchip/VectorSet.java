package jkvm.soft.irqchip;

/** One of the APIC's sets of 256 vectors: eight registers of 32 bits, 16 bytes apart. */
final class VectorSet {
    private static final int WORDS = 8, WORD_STRIDE = 4;
    private final int[] page;
    private final int start;

    /** @param register offset of the first register in the page */
    VectorSet(int[] page, int register) {
        this.page = page;
        this.start = register / Integer.BYTES;
    }

    private int word(int vector) {
        return start + (vector >>> 5) * WORD_STRIDE;
    }

    boolean contains(int vector) {
        return (page[word(vector)] >>> vector & 1) != 0;
    }

    void set(int vector) {
        page[word(vector)] |= 1 << vector;
    }

    void clear(int vector) {
        page[word(vector)] &= ~(1 << vector);
    }

    void put(int vector, boolean member) {
        if (member) {
            set(vector);
        } else {
            clear(vector);
        }
    }

    /** The highest vector, or -1. */
    int highest() {
        for (int i = WORDS - 1; i >= 0; i--) {
            int bits = page[start + i * WORD_STRIDE];
            if (bits != 0) {
                return 32 * i + 31 - Integer.numberOfLeadingZeros(bits);
            }
        }
        return -1;
    }

    void clear() {
        for (int i = 0; i < WORDS; i++) {
            page[start + i * WORD_STRIDE] = 0;
        }
    }
}
