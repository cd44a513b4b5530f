package jkvm.soft.mmu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** A bus for tests: RAM from 0, of which one page may be read-only, and MMIO above that answers and notes. */
final class FlatMemory implements PhysicalBus, AutoCloseable {
    static final long SIZE = 4 << 20;
    /** A page of ROM. */
    static final long ROM = 0x3FF000;
    final List<String> accesses = new ArrayList<>();
    /** Writes to MMIO end the instruction. */
    boolean exits;
    /** The value that reads of MMIO give; null: they exit. */
    Long answer = 0L;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment ram = arena.allocate(SIZE, 4096);

    long get64(long gpa) {
        return ram.get(ValueLayout.JAVA_LONG_UNALIGNED, gpa);
    }

    void put64(long gpa, long value) {
        ram.set(ValueLayout.JAVA_LONG_UNALIGNED, gpa, value);
    }

    int get32(long gpa) {
        return ram.get(ValueLayout.JAVA_INT_UNALIGNED, gpa);
    }

    void put32(long gpa, long value) {
        ram.set(ValueLayout.JAVA_INT_UNALIGNED, gpa, (int) value);
    }

    long host(long gpa) {
        return ram.address() + gpa;
    }

    @Override
    public long readablePage(long gpa) {
        return gpa >= 0 && gpa < SIZE ? ram.address() + (gpa & Mmu.PAGE_MASK) : 0;
    }

    @Override
    public long writablePage(long gpa) {
        return (gpa & Mmu.PAGE_MASK) == ROM ? 0 : readablePage(gpa);
    }

    @Override
    public long read(long gpa, int size) {
        if (answer == null) {
            throw Interruption.EXIT;
        }
        accesses.add("read %x %d".formatted(gpa, size));
        return answer & (size == 8 ? -1 : (1L << 8 * size) - 1);
    }

    @Override
    public boolean writeExits(long gpa, int size, long value) {
        return exits;
    }

    @Override
    public void write(long gpa, int size, long value) {
        accesses.add("write %x %d %x".formatted(gpa, size, value));
    }

    @Override
    public void close() {
        arena.close();
    }
}
