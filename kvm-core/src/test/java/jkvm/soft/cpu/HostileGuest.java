package jkvm.soft.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import jkvm.soft.mmu.Interruption;
import jkvm.soft.mmu.PhysicalBus;

/**
 * A guest of random code, with tables that are partly right and partly random, on a bus whose RAM lies between guard
 * pages. Outside RAM are ROM, and MMIO and ports that answer at once, exit first, or end the instruction.
 */
final class HostileGuest implements PhysicalBus, CpuHost {
    /** How the processor is set up when the code begins. */
    enum Mode {
        REAL, VIRTUAL_8086, PROTECTED_16, PROTECTED_32, PAGED_32, USER_32, PAE_USER, COMPATIBILITY, LONG, LONG_USER
    }

    static final int SIZE = 0x4_0000, GUARD = 0x1_0000;
    private static final int ROM = 0x3_F000;
    private static final int ROOT = 0x1000, POINTERS = 0x2000, DIRECTORY = 0x3000, TABLE = 0x4000,
            DIRECTORY_32 = 0x5000, TABLE_32 = 0x6000, GDT = 0x7000, IDT = 0x8000, TASK = 0x9000, STACK = 0xB000,
            CODE = 0x1_0000;
    private static final byte GUARD_BYTE = (byte) 0xA5;
    private static final long PRESENT = 1, WRITABLE = 2, USER = 4;
    private static final int CODE_SELECTOR = 0x08, DATA_SELECTOR = 0x10, USER_CODE = 0x1B, USER_DATA = 0x23,
            CODE_64 = 0x28, USER_CODE_64 = 0x33, CODE_16 = 0x38, DATA_16 = 0x40, TASK_SELECTOR = 0x48;
    /** Descriptors of GDT entries 1 to 8: flat code and data for both levels, 64-bit code, 16-bit segments. */
    private static final long[] DESCRIPTORS = {0, 0x00CF_9B00_0000_FFFFL, 0x00CF_9300_0000_FFFFL,
            0x00CF_FB00_0000_FFFFL, 0x00CF_F300_0000_FFFFL, 0x00AF_9B00_0000_FFFFL, 0x00AF_FB00_0000_FFFFL,
            0x0000_9B00_0000_FFFFL, 0x0000_9300_0000_FFFFL};

    final Cpu cpu = new Cpu(this, this);
    final Processor processor = new Processor(cpu);
    private final MemorySegment all;
    private final MemorySegment ram;
    private final MemorySegment guard;
    private final byte[] page = new byte[0x2000];
    private SplittableRandom random;
    /** User space has answered the access that exited. */
    private boolean answered;

    HostileGuest(Arena arena) {
        all = arena.allocate(SIZE + 2L * GUARD, 4096);
        all.fill(GUARD_BYTE);
        ram = all.asSlice(GUARD, SIZE);
        guard = arena.allocate(GUARD).fill(GUARD_BYTE);
    }

    /** Fills memory and the processor's state from a number. */
    void prepare(Mode mode, long seed) {
        random = new SplittableRandom(seed * 0x9E37_79B9_7F4A_7C15L ^ seed >>> 7);
        answered = false;
        ram.fill((byte) 0);
        ram.asSlice(ROM, 0x1000).fill((byte) 0x90);
        boolean is64 = mode == Mode.LONG || mode == Mode.LONG_USER || mode == Mode.COMPATIBILITY;
        tables(is64);
        code();
        control(mode, is64);
        segments(mode);
        for (int i = 0; i < 16; i++) {
            cpu.r[i] = value(is64 && mode != Mode.COMPATIBILITY);
        }
        cpu.r[Cpu.RSP] = STACK - 8L * random.nextInt(32);
        cpu.rip = random.nextInt(8) == 0 ? 0xFF0 + random.nextInt(16) : random.nextInt(256);
        if (mode != Mode.REAL && mode != Mode.VIRTUAL_8086) {
            cpu.rip += CODE;
        }
        int trap = random.nextInt(8) == 0 ? Cpu.TF : 0;
        int flags = random.nextInt() & (Cpu.ARITHMETIC | Cpu.DF | Cpu.AC | Cpu.IF | trap);
        Flags.setAll(cpu, flags | (mode == Mode.VIRTUAL_8086 ? Cpu.VM | Cpu.IOPL : 0));
        cpu.halted = false;
        cpu.stiShadow = false;
        cpu.movSsShadow = false;
        cpu.nmiBlocked = false;
        cpu.mmu.configure(cpu.cr0, cpu.cr3, cpu.cr4, cpu.efer);
        CpuMode.refresh(cpu);
    }

    private long value(boolean wide) {
        long value = switch (random.nextInt(6)) {
            case 0 -> random.nextInt(64);
            case 1 -> random.nextLong();
            case 2 -> 0xA000 + random.nextInt(0x2000);
            case 3 -> ROM - 16 + random.nextInt(32);
            case 4 -> SIZE - 16 + random.nextInt(32);
            default -> CODE + random.nextInt(0x2000);
        };
        return wide ? value : value & 0xFFFF_FFFFL;
    }

    private void tables(boolean is64) {
        long bits = PRESENT | WRITABLE | USER;
        put64(ROOT, POINTERS | bits);
        put64(ROOT + 8 * random.nextInt(512), ROOT | bits);
        put64(POINTERS, DIRECTORY | (is64 ? bits : PRESENT));
        put64(DIRECTORY, TABLE | bits);
        put32(DIRECTORY_32, (int) (TABLE_32 | bits));
        for (int i = 0; i < 128; i++) {
            long target = i < 64 ? i << 12 : random.nextLong() & 0xF_FFFF_F000L;
            boolean odd = i > 24 && random.nextInt(4) == 0;
            put64(TABLE + 8 * i, target | (odd ? random.nextLong() & 0x800F_0000_0000_0FFFL : bits));
            put32(TABLE_32 + 4 * i, (int) (target | (odd ? random.nextInt(0x1000) : bits)));
        }
        for (int i = 0; i < 32; i++) {
            put64(GDT + 8 * i, i < DESCRIPTORS.length ? DESCRIPTORS[i] : random.nextLong());
        }
        put64(GDT + TASK_SELECTOR, 0x0000_8900_9000_0067L | (random.nextInt(4) == 0 ? 0x200_0000_0000L : 0));
        put64(GDT + TASK_SELECTOR + 8, 0);
        for (int i = 0; i < 0x70; i += 4) {
            put32(TASK + i, random.nextInt(3) == 0 ? random.nextInt() : STACK);
        }
        for (int i = 0; i < 256; i++) {
            gate(i, is64);
        }
    }

    /** An interrupt or trap gate to the code page, or to anything. In real mode the same bytes are vectors. */
    private void gate(int vector, boolean is64) {
        int at = IDT + (is64 ? 16 : 8) * vector;
        if (at + 16 > IDT + 0x1000) {
            return;
        }
        if (random.nextInt(4) == 0) {
            put64(at, random.nextLong());
            return;
        }
        long offset = CODE + random.nextInt(0x1000);
        long selector = is64 ? CODE_64 : CODE_SELECTOR;
        long access = 0x8E | random.nextInt(2) | random.nextInt(4) << 5;
        put64(at, offset & 0xFFFF | selector << 16 | access << 40 | (offset >>> 16 & 0xFFFF) << 48);
        if (is64) {
            put64(at + 8, 0);
        }
        put32(4 * vector, random.nextInt(0x1000) | 0x1000 << 16);
    }

    /** Two pages: bytes at random, and among them opcodes that get further than most. */
    private void code() {
        random.nextBytes(page);
        if (random.nextInt(3) != 0) {
            for (int i = 0; i < page.length; i += 1 + random.nextInt(6)) {
                page[i] = (byte) switch (random.nextInt(8)) {
                    case 0 -> 0x0F;
                    case 1 -> 0x66;
                    case 2 -> 0x88 + random.nextInt(4);
                    case 3 -> 0x50 + random.nextInt(16);
                    case 4 -> random.nextInt(0x40);
                    case 5 -> 0xA4 + random.nextInt(12);
                    case 6 -> 0xEB;
                    default -> 0x40 + random.nextInt(16);
                };
            }
        }
        MemorySegment.copy(page, 0, ram, ValueLayout.JAVA_BYTE, CODE, page.length);
    }

    private void control(Mode mode, boolean is64) {
        boolean isPaged = is64 || mode == Mode.PAGED_32 || mode == Mode.USER_32 || mode == Mode.PAE_USER;
        boolean isProtected = mode != Mode.REAL;
        cpu.cr0 = Cpu.CR0_ET | Cpu.CR0_NE | (isProtected ? Cpu.CR0_PE : 0) | (isPaged ? Cpu.CR0_PG : 0)
                | (random.nextBoolean() ? Cpu.CR0_WP | Cpu.CR0_AM : 0);
        cpu.cr3 = is64 ? ROOT : mode == Mode.PAE_USER ? POINTERS : DIRECTORY_32;
        cpu.cr4 = (is64 || mode == Mode.PAE_USER ? Cpu.CR4_PAE : 0)
                | (random.nextBoolean() ? Cpu.CR4_OSFXSR | Cpu.CR4_OSXMMEXCPT | Cpu.CR4_FSGSBASE | Cpu.CR4_OSXSAVE : 0)
                | (random.nextInt(4) == 0 ? Cpu.CR4_VME | Cpu.CR4_PSE | Cpu.CR4_DE | Cpu.CR4_UMIP : 0);
        cpu.efer = is64 ? Cpu.EFER_LME | Cpu.EFER_LMA | Cpu.EFER_SCE | Cpu.EFER_NXE : 0;
        cpu.gdtBase = GDT;
        cpu.gdtLimit = 255;
        cpu.idtBase = mode == Mode.REAL ? 0 : IDT;
        cpu.idtLimit = 0xFFF;
        cpu.cpl = switch (mode) {
            case VIRTUAL_8086, USER_32, PAE_USER, LONG_USER, COMPATIBILITY -> 3;
            default -> 0;
        };
        Arrays.fill(cpu.dr, 0);
        cpu.dr[6] = 0xFFFF_0FF0L;
        cpu.dr[7] = random.nextInt(16) == 0 ? random.nextInt() & 0xFFFF_03FFL | 0x400 : 0x400;
        cpu.lstar = CODE;
        cpu.cstar = CODE;
        cpu.star = 0x001B_0008_0000_0000L;
        cpu.fpu.reset();
    }

    private void segments(Mode mode) {
        switch (mode) {
            case REAL, VIRTUAL_8086 -> {
                for (int i = 0; i < 6; i++) {
                    int selector = i == Segment.CS ? 0x1000 : i == Segment.SS ? 0 : random.nextInt(0x1400);
                    cpu.segments[i].set(selector, (long) selector << 4, 0xFFFF, mode == Mode.REAL ? 0x93 : 0xF3);
                }
            }
            case PROTECTED_16 -> all(CODE_16, DATA_16);
            case PROTECTED_32, PAGED_32 -> all(CODE_SELECTOR, DATA_SELECTOR);
            case LONG -> all(CODE_64, DATA_SELECTOR);
            case LONG_USER -> all(USER_CODE_64, USER_DATA);
            default -> all(USER_CODE, USER_DATA);
        }
        cpu.segments[Segment.TR].set(TASK_SELECTOR, TASK, 0x67, 0x8B);
        cpu.segments[Segment.LDTR].set(0, GDT, 255, 0x82);
    }

    private void all(int code, int data) {
        for (int i = 0; i < 6; i++) {
            int selector = i == Segment.CS ? code : data;
            long descriptor = DESCRIPTORS[selector >> 3];
            int access = (int) (descriptor >>> 40) & 0xF0FF;
            boolean fine = (access & Segment.G_BIT) == 0;
            // The code of 16-bit segments begins at the code pages' address too: its offsets are truncated to 16 bits.
            cpu.segments[i].set(selector, selector == CODE_16 ? CODE : 0, fine ? 0xFFFF : 0xFFFF_FFFFL, access);
        }
        if (code == CODE_16) {
            cpu.segments[Segment.CS].base = CODE;
        }
    }

    /** User space answers what exited; the next {@code run} goes on. */
    void answer() {
        answered = true;
    }

    /** True if nothing outside RAM, and nothing of ROM, was written. */
    boolean isMemoryIntact() {
        boolean rom = true;
        for (int i = 0; i < 0x1000 && rom; i += 8) {
            rom = ram.get(ValueLayout.JAVA_LONG, ROM + i) == 0x9090_9090_9090_9090L;
        }
        return rom && all.asSlice(0, GUARD).mismatch(guard) < 0 && all.asSlice(GUARD + SIZE, GUARD).mismatch(guard) < 0;
    }

    private void put64(int address, long value) {
        ram.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
    }

    private void put32(int address, int value) {
        ram.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
    }

    @Override
    public long readablePage(long gpa) {
        return gpa >= 0 && gpa < SIZE ? ram.address() + (gpa & ~0xFFF) : 0;
    }

    @Override
    public long writablePage(long gpa) {
        return (gpa & ~0xFFF) == ROM ? 0 : readablePage(gpa);
    }

    @Override
    public long read(long gpa, int size) {
        if (exits()) {
            throw Interruption.EXIT;
        }
        return random.nextLong() & (size == 8 ? -1 : (1L << 8 * size) - 1);
    }

    @Override
    public boolean writeExits(long gpa, int size, long value) {
        return (gpa & 0x1000) != 0;
    }

    @Override
    public void write(long gpa, int size, long value) {
        answered = false;
    }

    private boolean exits() {
        boolean exits = !answered && random.nextBoolean();
        answered = false;
        return exits;
    }

    @Override
    public int portIn(int port, int size) {
        cpu.transfer = random.nextInt();
        return exits() ? EXIT : DONE;
    }

    @Override
    public int portOut(int port, int size, long value) {
        return exits() ? EXIT : DONE;
    }

    @Override
    public int portInString(int port, int size, long count, int toPageEnd) {
        return exits() ? 0 : (int) Math.min(count, toPageEnd);
    }

    @Override
    public int portOutString(int port, int size, long value) {
        return exits() ? EXIT : DONE;
    }

    @Override
    public long stringInput(int index) {
        return random.nextInt();
    }

    @Override
    public int readMsr(int index) {
        cpu.transfer = random.nextLong();
        return (index & 1) == 0 ? DONE : FAULT;
    }

    @Override
    public int writeMsr(int index, long value) {
        return (index & 1) == 0 ? DONE : UNKNOWN;
    }

    @Override
    public boolean filtersMsrs() {
        return false;
    }

    @Override
    public long timeStamp() {
        return random.nextLong();
    }

    @Override
    public long taskPriority() {
        return 0;
    }

    @Override
    public int taskPriority(long value) {
        return exits() ? EXIT : DONE;
    }

    @Override
    public int hypercall() {
        return exits() ? EXIT : DONE;
    }

    @Override
    public void interruptWindowOpened() {
    }
}
