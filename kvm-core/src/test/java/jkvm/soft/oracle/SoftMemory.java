package jkvm.soft.oracle;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jkvm.soft.mmu.PhysicalBus;

/**
 * RAM around a snippet on the soft CPU: the windows at their addresses, and in the upper half of the address space what
 * an operating system would have: tables as Linux lays them out, and for each exception a handler that halts.
 */
final class SoftMemory implements PhysicalBus {
    /** Supervisor's pages. */
    static final long KERNEL = 0xFFFF_8000_0000_0000L;
    static final long GDT = KERNEL, IDT = KERNEL + 0x1000, TSS = KERNEL + 0x2000, LDT = KERNEL + 0x3000,
            HANDLERS = KERNEL + 0x4000, STACK_TOP = KERNEL + 0x6000 - 16;
    static final int GDT_LIMIT = 127, IDT_LIMIT = 4095, TSS_LIMIT = 0x67, LDT_LIMIT = 47;
    static final int KERNEL_CODE = 0x10, TSS_SELECTOR = 0x40, LDT_SELECTOR = 0x50;
    /** Bytes between two handlers. */
    static final int HANDLER_SIZE = 16;
    private static final byte HLT = (byte) 0xF4;

    private static final int SIZE = 0x3_0000;
    private static final int ROOT = 0, USER_PAGES = 0x1_0000, KERNEL_PAGES = 0x2_0000;
    private static final long PRESENT = 1, WRITABLE = 2, USER = 4, ACCESSED = 0x20, DIRTY = 0x40, NO_EXECUTE = 1L << 63;
    /** GDT of Linux, by index. */
    private static final long[] GDT_ENTRIES = {0, 0x00CF_9B00_0000_FFFFL, 0x00AF_9B00_0000_FFFFL,
            0x00CF_9300_0000_FFFFL, 0x00CF_FB00_0000_FFFFL, 0x00CF_F300_0000_FFFFL, 0x00AF_FB00_0000_FFFFL, 0, 0, 0, 0,
            0, 0, 0, 0, 0x0040_F500_0000_0000L};

    private final MemorySegment ram;

    SoftMemory(Arena arena) {
        ram = arena.allocate(SIZE, 4096);
        pageTables();
        for (int i = 0; i < GDT_ENTRIES.length; i++) {
            kernel64(GDT + 8 * i, GDT_ENTRIES[i]);
        }
        system(TSS_SELECTOR, TSS, TSS_LIMIT, 0x8B);
        system(LDT_SELECTOR, LDT, LDT_LIMIT, 0x82);
        kernel64(TSS + 4, STACK_TOP);
        kernel64(TSS + 0x60, 0xFFFFL << 48); // no port is allowed
        localSegments();
        for (int vector = 0; vector < 256; vector++) {
            gate(vector, vector == 3 || vector == 4 ? 3 : 0);
            ram.set(ValueLayout.JAVA_BYTE, physical(HANDLERS + HANDLER_SIZE * vector), HLT);
        }
        ram.asSlice(USER_PAGES, Windows.CODE_SIZE).fill((byte) 0xCC);
        for (int i = 0; i < 4096; i++) {
            ram.set(ValueLayout.JAVA_BYTE, physical(Windows.READ_ONLY_PAGE + i), Windows.readOnly(i));
        }
    }

    private void pageTables() {
        long table = PRESENT | WRITABLE | USER | ACCESSED;
        long data = PRESENT | WRITABLE | ACCESSED | DIRTY;
        entry(ROOT, 0, 0x1000 | table);
        entry(0x1000, Windows.CODE_PAGES >>> 30, 0x2000 | table);
        entry(0x2000, Windows.CODE_PAGES >>> 21, 0x3000 | table);
        for (int offset = 0; offset < Windows.CODE_SIZE; offset += 4096) {
            user(Windows.CODE_PAGES + offset, PRESENT | USER | ACCESSED);
        }
        for (int offset = 0; offset < Windows.DATA_SIZE; offset += 4096) {
            user(Windows.DATA_PAGES + offset, data | USER | NO_EXECUTE);
        }
        user(Windows.READ_ONLY_PAGE, PRESENT | USER | ACCESSED | NO_EXECUTE);
        entry(ROOT, (int) (KERNEL >>> 39), 0x4000 | table);
        entry(0x4000, 0, 0x5000 | table);
        entry(0x5000, 0, 0x6000 | table);
        for (int page = 0; page < 6; page++) {
            entry(0x6000, page, KERNEL_PAGES + 4096L * page | data);
        }
    }

    private void entry(int table, int index, long value) {
        ram.set(ValueLayout.JAVA_LONG, table + 8L * (index & 511), value);
    }

    private void user(int linear, long bits) {
        entry(0x3000, linear >>> 12, physical(linear) | bits);
    }

    /** Of an address of the windows or the supervisor. */
    private static long physical(long linear) {
        return linear < 0 ? linear - KERNEL + KERNEL_PAGES : linear - Windows.CODE_PAGES + USER_PAGES;
    }

    private void system(int selector, long base, int limit, int access) {
        long low = limit & 0xFFFF | (base & 0xFF_FFFF) << 16 | (long) access << 40 | (base >>> 24 & 0xFF) << 56;
        kernel64(GDT + selector, low);
        kernel64(GDT + selector + 8, base >>> 32);
    }

    /** As struct user_desc of the child's source gives them to Linux. */
    private void localSegments() {
        int code = 0xFB;
        int data = 0xF3;
        int useable = 0x10;
        int big = 0x50;
        local(0, 0xFFFF, code, useable);
        local(1, 0xFFFF, data, useable);
        local(2, 0xFFFF, code, big);
        local(3, 0x507F, data, big);
        local(4, 0x4F7F, data | 4, big);
        local(5, 0xFFFF, data & ~2, big);
    }

    private void local(int index, int limit, int access, int flags) {
        long base = Windows.CODE_PAGES;
        kernel64(LDT + 8 * index, limit & 0xFFFF | (base & 0xFF_FFFF) << 16 | (long) access << 40
                | (long) flags << 48 | (base >>> 24) << 56);
    }

    private void gate(int vector, int privilege) {
        long handler = HANDLERS + HANDLER_SIZE * vector;
        long access = 0x8E | privilege << 5;
        kernel64(IDT + 16 * vector,
                handler & 0xFFFF | KERNEL_CODE << 16 | access << 40 | (handler >>> 16 & 0xFFFF) << 48);
        kernel64(IDT + 16 * vector + 8, handler >>> 32);
    }

    private void kernel64(long linear, long value) {
        ram.set(ValueLayout.JAVA_LONG_UNALIGNED, physical(linear), value);
    }

    /** Eight bytes of the supervisor's memory. */
    long kernel64(long linear) {
        return ram.get(ValueLayout.JAVA_LONG_UNALIGNED, physical(linear));
    }

    long root() {
        return ROOT;
    }

    void write(long linear, byte[] bytes, int from, int length) {
        MemorySegment.copy(bytes, from, ram, ValueLayout.JAVA_BYTE, physical(linear), length);
    }

    void read(long linear, byte[] bytes, int to, int length) {
        MemorySegment.copy(ram, ValueLayout.JAVA_BYTE, physical(linear), bytes, to, length);
    }

    void fill(long linear, int length, byte value) {
        ram.asSlice(physical(linear), length).fill(value);
    }

    @Override
    public long readablePage(long gpa) {
        return gpa >= 0 && gpa < SIZE ? ram.address() + (gpa & ~0xFFF) : 0;
    }

    @Override
    public long writablePage(long gpa) {
        return readablePage(gpa);
    }

    @Override
    public long read(long gpa, int size) {
        throw new AssertionError("MMIO read at " + Long.toHexString(gpa));
    }

    @Override
    public boolean writeExits(long gpa, int size, long value) {
        throw new AssertionError("MMIO write at " + Long.toHexString(gpa));
    }

    @Override
    public void write(long gpa, int size, long value) {
        throw new AssertionError("MMIO write at " + Long.toHexString(gpa));
    }
}
