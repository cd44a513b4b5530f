package jkvm.soft.oracle;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jkvm.soft.cpu.Cpu;
import jkvm.soft.cpu.CpuMode;
import jkvm.soft.cpu.EmptyHost;
import jkvm.soft.cpu.ExitCause;
import jkvm.soft.cpu.Flags;
import jkvm.soft.cpu.Processor;
import jkvm.soft.cpu.Segment;
import jkvm.soft.fpu.FxsaveImage;
import jkvm.soft.jit.CompilerThread;
import jkvm.soft.jit.VcpuCompiler;

/**
 * Runs snippets on the processor in Java, as user code of a small operating system: an exception goes through the
 * interrupt table to a handler that halts, and the frame on its stack tells the rest.
 */
final class SoftProcessor implements AutoCloseable {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int TF = 0x100;
    private static final int DEBUG = 1, BREAKPOINT = 3, PAGE_FAULT = 14;
    /** Vectors with an error code. */
    private static final int WITH_ERROR = 1 << 8 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 17;
    private static final int MAX_RUNS = 50;

    private final Arena arena = Arena.ofConfined();
    private final SoftMemory memory = new SoftMemory(arena);
    private final Cpu cpu = new Cpu(new EmptyHost(), memory);
    private final Processor processor = new Processor(cpu);
    private final byte[] fx = new byte[FxsaveImage.SIZE];

    SoftProcessor() {
        this(null);
    }

    /** @param compiler compiles hot code in the background; null: all is interpreted */
    SoftProcessor(CompilerThread compiler) {
        if (compiler != null) {
            processor.compileWith(new VcpuCompiler(cpu, compiler));
        }
        cpu.cr0 = Cpu.CR0_PE | Cpu.CR0_MP | Cpu.CR0_ET | Cpu.CR0_NE | Cpu.CR0_WP | Cpu.CR0_AM | Cpu.CR0_PG;
        cpu.cr3 = memory.root();
        cpu.cr4 = Cpu.CR4_PAE | Cpu.CR4_PGE | Cpu.CR4_OSFXSR | Cpu.CR4_OSXMMEXCPT | Cpu.CR4_FSGSBASE | Cpu.CR4_OSXSAVE;
        cpu.efer = Cpu.EFER_SCE | Cpu.EFER_LME | Cpu.EFER_LMA | Cpu.EFER_NXE;
        cpu.xcr0 = 7;
        cpu.gdtBase = SoftMemory.GDT;
        cpu.gdtLimit = SoftMemory.GDT_LIMIT;
        cpu.idtBase = SoftMemory.IDT;
        cpu.idtLimit = SoftMemory.IDT_LIMIT;
        cpu.dr[6] = 0xFFFF_0FF0L;
        cpu.dr[7] = 0x400;
        cpu.segments[Segment.TR].set(SoftMemory.TSS_SELECTOR, SoftMemory.TSS, SoftMemory.TSS_LIMIT, 0x8B);
        cpu.segments[Segment.LDTR].set(SoftMemory.LDT_SELECTOR, SoftMemory.LDT, SoftMemory.LDT_LIMIT, 0x82);
        cpu.mmu.configure(cpu.cr0, cpu.cr3, cpu.cr4, cpu.efer);
    }

    /**
     * Runs the snippet and takes its code out of memory again. Every second one runs twice, and the second run counts:
     * decoded code that has been executed may be executed differently the next time.
     */
    void run(Snippet snippet, State out) {
        memory.write(snippet.place, snippet.code, 0, snippet.length);
        execute(snippet, out);
        if ((snippet.seed & 1) != 0) {
            execute(snippet, out);
        }
        memory.fill(snippet.place, snippet.length, (byte) 0xCC);
    }

    private void execute(Snippet snippet, State out) {
        enter(snippet);
        out.vector = State.ENDLESS;
        out.note = "";
        for (int runs = 0; runs < MAX_RUNS && out.vector == State.ENDLESS; runs++) {
            int cause = processor.run();
            if (cause == ExitCause.HALTED && cpu.cpl == 0) {
                cpu.halted = false;
                if (!isStepOfRepetition(snippet)) {
                    leave(out);
                }
            } else if (cause != ExitCause.ATTENTION && cause != ExitCause.WRITTEN) {
                out.vector = State.OTHER;
                out.note = "exit cause " + cause + ", RIP " + Long.toHexString(cpu.rip);
            }
        }
    }

    private void enter(Snippet snippet) {
        State in = snippet.in;
        System.arraycopy(in.r, 0, cpu.r, 0, 16);
        Flags.setAll(cpu, in.flags | (snippet.step ? TF : 0));
        cpu.rip = in.rip;
        cpu.cpl = 3;
        cpu.cr2 = 0;
        load(Segment.CS, in.cs);
        load(Segment.SS, in.ss);
        load(Segment.DS, in.ds);
        load(Segment.ES, in.es);
        load(Segment.FS, 0);
        load(Segment.GS, 0);
        cpu.segments[Segment.FS].base = in.fsBase;
        cpu.segments[Segment.GS].base = in.gsBase;
        System.arraycopy(in.fx, 0, fx, 0, in.fx.length);
        FxsaveImage.restore(cpu.fpu, fx, true, 16);
        for (int i = 0; i < 32; i++) {
            cpu.fpu.ymmHigh[i] = (long) LONG.get(in.ymm, 8 * i);
        }
        memory.fill(Windows.DATA_PAGES, Windows.DATA_SIZE, (byte) 0);
        memory.write(Windows.LOW, in.memory, 0, Windows.LOW_SIZE);
        memory.write(Windows.HIGH, in.memory, Windows.LOW_SIZE, Windows.HIGH_SIZE);
        cpu.halted = false;
        cpu.stiShadow = false;
        cpu.movSsShadow = false;
        CpuMode.refresh(cpu);
    }

    private void load(int register, int selector) {
        Segment segment = cpu.segments[register];
        if (selector < 4) {
            segment.set(selector, 0, 0, 0);
            segment.unusable = true;
            return;
        }
        long table = (selector & 4) != 0 ? SoftMemory.LDT : SoftMemory.GDT;
        long descriptor = memory.kernel64(table + (selector & ~7));
        int access = (int) (descriptor >>> 40) & 0xF0FF;
        long limit = descriptor & 0xFFFF | descriptor >>> 32 & 0xF_0000;
        if ((access & Segment.G_BIT) != 0) {
            limit = limit << 12 | 0xFFF;
        }
        segment.set(selector, descriptor >>> 16 & 0xFF_FFFF | descriptor >>> 32 & 0xFF00_0000L, limit, access);
    }

    /** Single steps of a repeated instruction: the silicon's side goes on too. */
    private boolean isStepOfRepetition(Snippet snippet) {
        long at = cpu.r[Cpu.RSP];
        if (!snippet.repeat || vector() != DEBUG || memory.kernel64(at) != snippet.in.rip) {
            return false;
        }
        cpu.rip = memory.kernel64(at);
        load(Segment.CS, (int) memory.kernel64(at + 8));
        load(Segment.SS, (int) memory.kernel64(at + 32));
        Flags.setAll(cpu, memory.kernel64(at + 16));
        cpu.r[Cpu.RSP] = memory.kernel64(at + 24);
        cpu.cpl = 3;
        CpuMode.refresh(cpu);
        return true;
    }

    private int vector() {
        return (int) (cpu.rip - 1 - SoftMemory.HANDLERS) / SoftMemory.HANDLER_SIZE;
    }

    private void leave(State out) {
        System.arraycopy(cpu.r, 0, out.r, 0, 16);
        int vector = vector();
        long frame = cpu.r[Cpu.RSP];
        out.error = 0;
        if (vector < 32 && (WITH_ERROR >> vector & 1) != 0) {
            out.error = memory.kernel64(frame);
            frame += 8;
        }
        out.rip = memory.kernel64(frame);
        out.cs = (int) memory.kernel64(frame + 8) & 0xFFFF;
        out.flags = memory.kernel64(frame + 16);
        out.r[Cpu.RSP] = memory.kernel64(frame + 24);
        out.ss = (int) memory.kernel64(frame + 32) & 0xFFFF;
        if (frame + 40 != SoftMemory.STACK_TOP) {
            out.note = "frame ends at " + Long.toHexString(frame + 40);
        }
        out.cr2 = vector == PAGE_FAULT ? cpu.cr2 : 0;
        out.vector = vector == DEBUG || vector == BREAKPOINT ? State.COMPLETE : vector;
        if (vector == BREAKPOINT) {
            out.rip--;
        }
        out.ds = cpu.segments[Segment.DS].selector;
        out.es = cpu.segments[Segment.ES].selector;
        out.fs = cpu.segments[Segment.FS].selector;
        out.gs = cpu.segments[Segment.GS].selector;
        out.fsBase = cpu.segments[Segment.FS].base;
        out.gsBase = cpu.segments[Segment.GS].base;
        FxsaveImage.save(cpu.fpu, fx, true, 16);
        System.arraycopy(fx, 0, out.fx, 0, out.fx.length);
        for (int i = 0; i < 32; i++) {
            LONG.set(out.ymm, 8 * i, cpu.fpu.ymmHigh[i]);
        }
        memory.read(Windows.LOW, out.memory, 0, Windows.LOW_SIZE);
        memory.read(Windows.HIGH, out.memory, Windows.LOW_SIZE, Windows.HIGH_SIZE);
    }

    @Override
    public void close() {
        arena.close();
    }
}
