package jkvm.control.vnc;

import java.util.Arrays;

/** The colours of a rectangle, numbered as they come, up to a number of them. For one thread. */
final class Palette {
    /** A power of two, at least twice the largest number of colours. */
    private static final int SLOTS = 1024;
    private static final int HASH = 0x9e37_79b1;
    private static final int HASH_SHIFT = 22;

    private final int[] colours = new int[SLOTS / 2];
    private final short[] slots = new short[SLOTS];
    private int size;
    private int lastIndex;

    /**
     * Reads all pixels.
     *
     * @param max the largest number of colours, 512 at most
     * @return false if there are more
     */
    boolean read(Block block, int max) {
        Arrays.fill(slots, (short) 0);
        size = 0;
        lastIndex = 0;
        for (int row = 0; row < block.height(); row++) {
            for (int column = 0; column < block.width(); column++) {
                int colour = block.at(column, row);
                if (size > 0 && colours[lastIndex] == colour) {
                    continue;
                }
                lastIndex = find(colour);
                if (lastIndex < 0) {
                    if (size == max) {
                        return false;
                    }
                    lastIndex = add(colour);
                }
            }
        }
        return true;
    }

    int size() {
        return size;
    }

    int colour(int index) {
        return colours[index];
    }

    /** The number of a colour that is there. */
    int index(int colour) {
        if (colours[lastIndex] != colour) {
            lastIndex = find(colour);
        }
        return lastIndex;
    }

    private static int slot(int colour) {
        return colour * HASH >>> HASH_SHIFT;
    }

    private int find(int colour) {
        for (int slot = slot(colour);; slot = slot + 1 & SLOTS - 1) {
            int index = slots[slot] - 1;
            if (index < 0 || colours[index] == colour) {
                return index;
            }
        }
    }

    private int add(int colour) {
        int slot = slot(colour);
        while (slots[slot] != 0) {
            slot = slot + 1 & SLOTS - 1;
        }
        colours[size] = colour;
        slots[slot] = (short) (size + 1);
        return size++;
    }
}
