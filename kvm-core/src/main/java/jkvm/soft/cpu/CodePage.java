package jkvm.soft.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A page of guest RAM that instructions were decoded from: its blocks, and a copy of the bytes they came from. */
final class CodePage {
    static final int SIZE = 4096;
    /** Fewer bytes are compared eight at a time. */
    private static final int SHORT = 128;
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /** Eight bits to the mask of eight bytes. */
    private static final long[] BYTES = byteMasks();

    /** Host address of the page. */
    final long host;
    /** The cache's generation in which the bytes were last compared. */
    int generation;
    /** Counts how often the blocks were forgotten. */
    int version;
    /** True while writes to the page are told to the cache. */
    boolean watched;
    private final byte[] copy = new byte[SIZE];
    private final MemorySegment copySegment = MemorySegment.ofArray(copy);
    /** Offsets of the first and the last byte that belong to an instruction. */
    private int first = SIZE, last = -1;
    /** One bit for each byte that belongs to an instruction. */
    private final long[] decoded = new long[SIZE / 64];
    private Block[] blocks = new Block[16];
    private int count;

    CodePage(long host) {
        this.host = host;
    }

    Block find(long pc, int context) {
        int mask = blocks.length - 1;
        for (int i = slot(pc, context, mask); blocks[i] != null; i = i + 1 & mask) {
            if (blocks[i].pc == pc && blocks[i].context == context) {
                return blocks[i];
            }
        }
        return null;
    }

    private static int slot(long pc, int context, int mask) {
        return (int) pc * 0x9E3779B1 + context * 31 >>> 8 & mask;
    }

    /** Adds a block, in place of one of the same address and context. */
    void add(Block block) {
        if (count * 2 >= blocks.length) {
            Block[] old = blocks;
            blocks = new Block[old.length * 2];
            count = 0;
            for (Block b : old) {
                if (b != null) {
                    insert(b);
                }
            }
        }
        insert(block);
    }

    private void insert(Block block) {
        int mask = blocks.length - 1;
        int i = slot(block.pc, block.context, mask);
        while (blocks[i] != null && (blocks[i].pc != block.pc || blocks[i].context != block.context)) {
            i = i + 1 & mask;
        }
        count += blocks[i] == null ? 1 : 0;
        blocks[i] = block;
    }

    /**
     * Reads a byte for the decoder and keeps it in the copy.
     *
     * @return the byte, or -1 if it is not the one that earlier decoding has seen: the page has changed
     */
    int read(MemorySegment memory, int offset) {
        byte b = memory.get(ValueLayout.JAVA_BYTE, host + offset);
        long bit = 1L << offset;
        if ((decoded[offset >> 6] & bit) != 0 && copy[offset] != b) {
            return -1;
        }
        copy[offset] = b;
        first = Math.min(first, offset);
        last = Math.max(last, offset);
        decoded[offset >> 6] |= bit;
        return b & 0xFF;
    }

    /** True if one of the bytes belongs to an instruction. */
    boolean isDecoded(int offset, int size) {
        for (int i = Math.max(offset, 0); i < Math.min(offset + size, SIZE); i++) {
            if ((decoded[i >> 6] & 1L << i) != 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * True if the decoded bytes are still the ones in memory. Compares all from the first to the last decoded byte with
     * the copy at once, and looks closer where they differ: between instructions there may be data.
     */
    boolean isUnchanged(MemorySegment memory) {
        if (first > last) {
            return true;
        }
        if (last - first >= SHORT) {
            long from = host + first;
            if (MemorySegment.mismatch(copySegment, first, last + 1, memory, from, from + last - first + 1) < 0) {
                return true;
            }
        }
        for (int at = first & ~7; at <= last; at += 8) {
            long code = BYTES[(int) (decoded[at >> 6] >>> at) & 0xFF];
            long now = memory.get(ValueLayout.JAVA_LONG_UNALIGNED, host + at);
            long then = (long) LONG.get(copy, at);
            if (((now ^ then) & code) != 0) {
                return false;
            }
            LONG.set(copy, at, now & ~code | then & code);
        }
        return true;
    }

    /** True if one of the blocks is compiled. */
    boolean hasCompiled() {
        for (Block b : blocks) {
            if (b != null && b.compiled != null) {
                return true;
            }
        }
        return false;
    }

    /**
     * Drops the blocks' links, so that they keep no forgotten block.
     *
     * @return the decoded instructions of all blocks
     */
    int unlink() {
        int instructions = 0;
        for (Block b : blocks) {
            if (b != null) {
                b.taken = null;
                b.fall = null;
                instructions += b.code.length;
            }
        }
        return instructions;
    }

    /** Forgets the blocks. */
    void clear() {
        version++;
        first = SIZE;
        last = -1;
        Arrays.fill(decoded, 0);
        blocks = new Block[16];
        count = 0;
    }

    private static long[] byteMasks() {
        long[] masks = new long[256];
        for (int bits = 0; bits < 256; bits++) {
            for (int i = 0; i < 8; i++) {
                masks[bits] |= (bits >> i & 1) != 0 ? 0xFFL << i * 8 : 0;
            }
        }
        return masks;
    }
}
