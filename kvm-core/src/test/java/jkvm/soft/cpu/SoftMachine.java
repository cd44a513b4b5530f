package jkvm.soft.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import jkvm.soft.mmu.Interruption;
import jkvm.soft.mmu.PhysicalBus;

/**
 * A processor with RAM and nothing else, for tests: flat RAM from 0, memory-mapped I/O above it, and ports that note
 * what is written to them.
 */
final class SoftMachine extends EmptyHost implements PhysicalBus, AutoCloseable {
    private static final int PAGE = 4096;

    final Cpu cpu;
    final Processor processor;
    final MemorySegment ram;
    /** The writes to ports and to addresses above RAM: {@code "port 80 1 5"}, {@code "mmio 100000 4 7"}. */
    final List<String> written = new ArrayList<>();
    /** The value that the next port or MMIO read gets; null: it exits first. */
    Long input;
    /** True: a port write exits first, and is done when the instruction is executed again. */
    boolean portsExit;
    /** Port writes are counted and not noted. */
    boolean quiet;
    long portWrites;
    /** The time stamp counter. */
    LongSupplier time;
    private boolean answered;
    private final Arena arena = Arena.ofShared();

    SoftMachine(int megabytes) {
        ram = arena.allocate((long) megabytes << 20, PAGE);
        cpu = new Cpu(this, this);
        processor = new Processor(cpu);
        time = () -> cpu.counts ? cpu.instructions : System.nanoTime();
        real();
    }

    /** Real mode with all segments at 0. */
    void real() {
        for (Segment s : cpu.segments) {
            s.set(0, 0, 0xFFFF, 0x93);
        }
        cpu.cr0 = Cpu.CR0_ET;
        reconfigure();
    }

    /** Protected mode with flat 32-bit segments. */
    void flat32() {
        for (int i = 0; i < Segment.LDTR; i++) {
            cpu.segments[i].set(0x10, 0, 0xFFFFFFFFL, 0xC093);
        }
        cpu.segments[Segment.CS].set(8, 0, 0xFFFFFFFFL, 0xC09B);
        cpu.cr0 = Cpu.CR0_ET | Cpu.CR0_PE;
        reconfigure();
    }

    /** Long mode with 64-bit code; the first 4 GiB are mapped one to one by page tables at 0x70000. */
    void long64() {
        flat32();
        cpu.segments[Segment.CS].set(8, 0, 0xFFFFFFFFL, 0xA09B);
        ram.set(ValueLayout.JAVA_LONG, 0x70000, 0x71007);
        for (int i = 0; i < 4; i++) {
            ram.set(ValueLayout.JAVA_LONG, 0x71000 + 8 * i, 0x72007 + (long) i * PAGE);
        }
        for (long i = 0; i < 4 * 512; i++) {
            ram.set(ValueLayout.JAVA_LONG, 0x72000 + 8 * i, i << 21 | 0x87);
        }
        cpu.cr0 = Cpu.CR0_ET | Cpu.CR0_PE | Cpu.CR0_PG;
        cpu.cr3 = 0x70000;
        cpu.cr4 = Cpu.CR4_PAE | Cpu.CR4_OSFXSR | Cpu.CR4_OSXMMEXCPT;
        cpu.efer = Cpu.EFER_LME | Cpu.EFER_LMA;
        reconfigure();
    }

    /** Long mode's interrupt table at 0x60000: the handler of each vector halts, at {@link #handler}. */
    void handlers() {
        ram.set(ValueLayout.JAVA_LONG, 0x5F008, 0x00AF9B000000FFFFL);
        ram.set(ValueLayout.JAVA_LONG, 0x5F010, 0x00CF93000000FFFFL);
        cpu.gdtBase = 0x5F000;
        cpu.gdtLimit = 0x17;
        cpu.idtBase = 0x60000;
        cpu.idtLimit = 0xFFF;
        for (int vector = 0; vector < 256; vector++) {
            long handler = handler(vector);
            ram.set(ValueLayout.JAVA_LONG, 0x60000 + 16 * vector,
                    handler & 0xFFFF | 8 << 16 | 0x8E00L << 32 | handler >> 16 << 48);
            ram.set(ValueLayout.JAVA_BYTE, handler, (byte) 0xF4);
        }
    }

    /** Where the handler of a vector is. */
    static long handler(int vector) {
        return 0x62000 + 16 * vector;
    }

    private void reconfigure() {
        cpu.mmu.configure(cpu.cr0, cpu.cr3, cpu.cr4, cpu.efer);
        CpuMode.refresh(cpu);
    }

    /** Puts bytes into RAM, given as numbers, and sets RIP to them. */
    SoftMachine code(long address, int... bytes) {
        for (int i = 0; i < bytes.length; i++) {
            ram.set(ValueLayout.JAVA_BYTE, address + i, (byte) bytes[i]);
        }
        cpu.rip = address;
        return this;
    }

    /** Puts bytes into RAM and sets RIP to them. */
    SoftMachine code(long address, byte[] bytes) {
        MemorySegment.copy(bytes, 0, ram, ValueLayout.JAVA_BYTE, address, bytes.length);
        cpu.rip = address;
        return this;
    }

    /** Runs again and again until an instruction asks for something else than attention. */
    int runToExit() {
        int cause;
        do {
            cause = processor.run();
        } while (cause == ExitCause.ATTENTION);
        return cause;
    }

    @Override
    public long readablePage(long gpa) {
        return gpa >= 0 && gpa < ram.byteSize() ? ram.address() + (gpa & -PAGE) : 0;
    }

    @Override
    public long writablePage(long gpa) {
        return readablePage(gpa);
    }

    @Override
    public long read(long gpa, int size) {
        return take();
    }

    private long take() {
        if (input == null) {
            throw Interruption.EXIT;
        }
        long value = input;
        input = null;
        return value;
    }

    @Override
    public boolean writeExits(long gpa, int size, long value) {
        return true;
    }

    @Override
    public void write(long gpa, int size, long value) {
        written.add("mmio %x %d %x".formatted(gpa, size, value));
    }

    @Override
    public int portIn(int port, int size) {
        if (input == null) {
            return EXIT;
        }
        cpu.transfer = input;
        input = null;
        return DONE;
    }

    @Override
    public int portOut(int port, int size, long value) {
        if (portsExit && !answered) {
            answered = true;
            return EXIT;
        }
        answered = false;
        portWrites++;
        if (quiet) {
            return DONE;
        }
        written.add("port %x %d %x".formatted(port, size, value));
        return DONE;
    }

    @Override
    public int portOutString(int port, int size, long value) {
        return portOut(port, size, value);
    }

    @Override
    public int portInString(int port, int size, long count, int toPageEnd) {
        return input == null ? 0 : 1;
    }

    @Override
    public long stringInput(int index) {
        return take();
    }

    @Override
    public long timeStamp() {
        cpu.requireCount();
        return time.getAsLong();
    }

    @Override
    public int hypercall() {
        return DONE;
    }

    @Override
    public void close() {
        arena.close();
    }
}
