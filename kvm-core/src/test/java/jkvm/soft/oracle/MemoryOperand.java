package jkvm.soft.oracle;

import java.util.SplittableRandom;

/**
 * Encodes a ModRM byte with a memory operand that points to a chosen address, by any of the forms that there are:
 * registers are set, or the displacement chosen, so that the sum is right.
 */
final class MemoryOperand {
    private static final int RSP = 4, RBP = 5;
    /** Base and index of the 16-bit forms; -1 for none. */
    private static final int[][] FORMS16 = {{3, 6}, {3, 7}, {5, 6}, {5, 7}, {6, -1}, {7, -1}, {5, -1}, {3, -1}};

    private final SplittableRandom random;
    private final Values values;
    /** REX bits X and B that the operand needs. */
    int rex;
    private int modrm, sib, displacementSize;
    private boolean hasSib;
    private long displacement;
    /** The displacement counts from the instruction's end in 64-bit code. */
    private boolean ripRelative;
    private boolean extended;

    MemoryOperand(SplittableRandom random, Values values) {
        this.random = random;
        this.values = values;
    }

    /**
     * Chooses a form.
     *
     * @param address     the offset in the segment that the operand should have
     * @param addressSize 2, 4 or 8 bytes
     * @param r           the registers, which are changed
     * @param extended    64-bit code, REX may be used
     * @param absolute    no register may be used
     */
    void choose(long address, int addressSize, long[] r, boolean extended, boolean absolute) {
        this.extended = extended;
        rex = 0;
        hasSib = false;
        ripRelative = false;
        displacementSize = 0;
        displacement = 0;
        if (addressSize == 2) {
            choose16((int) address, r, absolute);
        } else {
            choose32(address, addressSize, r, absolute);
        }
    }

    private void choose16(int address, long[] r, boolean absolute) {
        int mod = absolute ? 0 : random.nextInt(3);
        int rm = absolute ? 6 : random.nextInt(8);
        modrm = mod << 6 | rm;
        if (mod == 0 && rm == 6) {
            displacement = (short) address;
            displacementSize = 2;
            return;
        }
        displacementSize = mod;
        displacement = mod == 0 ? 0 : mod == 1 ? (byte) random.nextInt() : (short) random.nextInt();
        int base = FORMS16[rm][0];
        int index = FORMS16[rm][1];
        int sum = address - (int) displacement - (index < 0 ? 0 : (int) r[index]);
        r[base] = r[base] & ~0xFFFFL | sum & 0xFFFF;
    }

    private void choose32(long address, int addressSize, long[] r, boolean absolute) {
        int mod = absolute ? 0 : random.nextInt(3);
        int rm = absolute ? 4 + random.nextInt(2) : random.nextInt(8);
        modrm = mod << 6 | rm;
        int base = rm;
        int index = -1;
        int scale = 0;
        if (rm == 4) {
            hasSib = true;
            scale = random.nextInt(4);
            int indexField = absolute ? 4 : random.nextInt(8);
            int baseField = absolute ? 5 : random.nextInt(8);
            if (extended && !absolute && random.nextBoolean()) {
                rex |= 2;
            }
            sib = scale << 6 | indexField << 3 | baseField;
            index = indexField == 4 && (rex & 2) == 0 ? -1 : indexField | (rex & 2) << 2;
            base = baseField;
        }
        if (mod == 0 && base == 5) {
            withoutBase(address, index, scale, r, addressSize);
            return;
        }
        if (extended && random.nextBoolean()) {
            rex |= 1;
            base |= 8;
        }
        displacementSize = mod == 2 ? 4 : mod;
        displacement = mod == 0 ? 0 : mod == 1 ? (byte) random.nextInt() : (int) values.integer();
        withBase(address, base, index, scale, r, addressSize);
    }

    private void withoutBase(long address, int index, int scale, long[] r, int addressSize) {
        displacementSize = 4;
        displacement = address;
        ripRelative = !hasSib;
        if (index >= 0) {
            r[index] = index == RSP ? r[index] : random.nextInt(64);
            displacement = address - (r[index] << scale);
        }
        if (index >= 0 && addressSize == 4) {
            garbage(r, index);
        }
    }

    private void withBase(long address, int base, int index, int scale, long[] r, int addressSize) {
        if (index == base) {
            long factor = 1 + (1L << scale);
            r[base] = (address - displacement) / factor;
            displacement += (address - displacement) - r[base] * factor;
            return;
        }
        if (index >= 0 && random.nextBoolean()) {
            r[index] = random.nextInt(-64, 64);
        }
        r[base] = address - displacement - (index < 0 ? 0 : r[index] << scale);
        if (addressSize == 4) {
            r[base] &= 0xFFFF_FFFFL;
            garbage(r, base);
        }
    }

    /** The upper halves of registers do not count in a 32-bit address; only 64-bit code has them. */
    private void garbage(long[] r, int register) {
        if (register != RSP && register != RBP && extended) {
            r[register] = r[register] & 0xFFFF_FFFFL | random.nextLong() << 32;
        }
    }

    /**
     * Appends ModRM, SIB and displacement.
     *
     * @param following bytes of immediates that come after them
     * @param place     where the snippet begins
     */
    void encode(Snippet snippet, int reg, int following, long place) {
        snippet.modrm = modrm | reg << 3;
        snippet.add(snippet.modrm);
        if (hasSib) {
            snippet.add(sib);
        }
        long value = displacement;
        if (ripRelative && extended) {
            value -= place + snippet.size + 4 + following;
        }
        snippet.add(value, displacementSize);
    }
}
