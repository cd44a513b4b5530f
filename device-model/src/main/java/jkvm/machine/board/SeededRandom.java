package jkvm.machine.board;

import jkvm.device.board.RandomSource;
import jkvm.work.ExactStates;

/** Random bytes that a seed determines (SplitMix64, by Steele, Lea and Flood), with a state that can be saved. */
final class SeededRandom implements RandomSource, ExactStates.Part {
    private static final long STEP = 0x9E3779B97F4A7C15L, FIRST = 0xBF58476D1CE4E5B9L, SECOND = 0x94D049BB133111EBL;

    private long state;

    SeededRandom(long seed) {
        state = seed;
    }

    private long next() {
        state += STEP;
        long mixed = (state ^ state >>> 30) * FIRST;
        mixed = (mixed ^ mixed >>> 27) * SECOND;
        return mixed ^ mixed >>> 31;
    }

    @Override
    public int read(byte[] target, int length) {
        long bits = 0;
        for (int i = 0; i < length; i++) {
            bits = i % Long.BYTES == 0 ? next() : bits >>> Byte.SIZE;
            target[i] = (byte) bits;
        }
        return length;
    }

    @Override
    public long[] exact() {
        return new long[] {state};
    }

    @Override
    public void exact(long[] numbers) {
        state = numbers[0];
    }
}
