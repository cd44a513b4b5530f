package jkvm.soft.cpu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Random;
import jkvm.soft.fpu.FpuState;
import jkvm.soft.fpu.SimdUnit;
import jkvm.soft.mmu.GuestException;
import jkvm.soft.mmu.Interruption;
import jkvm.soft.mmu.Mmu;
import jkvm.soft.mmu.PhysicalBus;
import jkvm.soft.observe.SoftObserver;

/**
 * A processor's state in plain fields, and nothing else: execution, translation, faults and interrupts are in the
 * classes beside this one. Belongs to the thread that is in KVM_RUN; another thread may only call
 * {@link #raiseAttention()}.
 */
public final class Cpu {
    public static final int RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7;
    /** RFLAGS. */
    public static final int CF = 1, RESERVED_1 = 2, PF = 4, AF = 0x10, ZF = 0x40, SF = 0x80, TF = 0x100, IF = 0x200,
            DF = 0x400, OF = 0x800, IOPL = 0x3000, NT = 0x4000, RF = 0x10000, VM = 0x20000, AC = 0x40000,
            VIF = 0x80000, VIP = 0x100000, ID = 0x200000;
    /** The flags that arithmetic changes; {@link #systemFlags} has the others. */
    public static final int ARITHMETIC = CF | PF | AF | ZF | SF | OF;
    /** CR0, CR4 and EFER. */
    public static final long CR0_PE = 1, CR0_MP = 2, CR0_EM = 4, CR0_TS = 8, CR0_ET = 16, CR0_NE = 32, CR0_WP = 1 << 16,
            CR0_AM = 1 << 18, CR0_NW = 1 << 29, CR0_CD = 1 << 30, CR0_PG = 1L << 31;
    public static final long CR4_VME = 1, CR4_PVI = 2, CR4_TSD = 4, CR4_DE = 8, CR4_PSE = 16, CR4_PAE = 32,
            CR4_MCE = 64, CR4_PGE = 128, CR4_PCE = 256, CR4_OSFXSR = 512, CR4_OSXMMEXCPT = 1024, CR4_UMIP = 1 << 11,
            CR4_LA57 = 1 << 12, CR4_FSGSBASE = 1 << 16, CR4_PCIDE = 1 << 17, CR4_OSXSAVE = 1 << 18, CR4_SMEP = 1 << 20,
            CR4_SMAP = 1 << 21;
    public static final long EFER_SCE = 1, EFER_LME = 1 << 8, EFER_LMA = 1 << 10, EFER_NXE = 1 << 11,
            EFER_SVME = 1 << 12, EFER_LMSLE = 1 << 13, EFER_FFXSR = 1 << 14;

    /** Lazy flags: what {@link #flagKind} says about the other three; see {@link Flags}. */
    public int flagKind;
    public long flagA, flagB, flagResult;

    /** General registers; element 16 is always zero ({@link Insn#NO_REGISTER}), the rest is scratch. */
    public final long[] r = new long[20];
    /** Offset of the next instruction in the code segment. */
    public long rip;
    /** RFLAGS without the {@link #ARITHMETIC} flags. */
    public int systemFlags = RESERVED_1;
    /** ES, CS, SS, DS, FS, GS, LDTR, TR. */
    public final Segment[] segments = new Segment[8];
    public long gdtBase, idtBase;
    public int gdtLimit, idtLimit;
    public long cr0, cr2, cr3, cr4, efer, xcr0 = 1;
    /** DR0 to DR3, DR6, DR7 at their numbers. */
    public final long[] dr = new long[8];
    /** Current privilege level, 0 to 3. */
    public int cpl;

    /** MSRs of fast system calls. */
    public long star, lstar, cstar, sfmask, kernelGsBase, sysenterCs, sysenterEsp, sysenterEip, tscAux;

    /** One instruction's length of no interrupts after STI, and after MOV SS or POP SS (which holds #DB back too). */
    public boolean stiShadow, movSsShadow;
    /** An NMI handler has not yet returned. */
    public boolean nmiBlocked;
    /** HLT was executed: nothing runs until an event. */
    public boolean halted;
    /**
     * Not {@link ExitCause#NONE}: the execution loop ends after the current instruction with this cause. Set by the
     * instruction; the loop takes it and clears it.
     */
    public int exit;
    /** The instructions that this processor has: bits of {@link Feature}. */
    public long features = Feature.ALL;
    /** Code size, privilege and the like, what decoded code depends on: {@link CpuMode#refresh} computes it. */
    public int mode;
    /**
     * Instructions executed since the processor exists. Each counts one, each item of a repeated string instruction
     * too, and each exception that is delivered. Exact between instructions where {@link #counts} is set; else compiled
     * code that faults has counted the rest of its block.
     */
    public long instructions;
    /** True where time is counted in instructions. Set before the first one is executed. */
    public boolean counts;
    /** The instruction at RIP is executed alone: {@link #instructions} is the number of those before it. */
    public boolean alone;
    /** With {@link #counts}: repeated string instructions pause when this many instructions have been executed. */
    public long countLimit;
    /** The generator that RDRAND and RDSEED read; null for the host's. */
    public Random random;
    /** Instructions that compiled code may still execute before it returns. */
    public int budget;
    /** Where {@link CpuHost} leaves the value of a read. */
    public long transfer;

    /** An instruction has serialised: code that others have changed before it must be seen to be changed after it. */
    boolean serialized;
    /** 1 while an event from outside is delivered, else 0: the EXT bit of error codes (SDM vol. 3, 7.13). */
    int external;
    /** The descriptors that a far transfer is about: the one named, and the one it leads to. */
    final SegmentDescriptor descriptor = new SegmentDescriptor(), target = new SegmentDescriptor();

    /** The stack of the far transfer in progress, and the caller's, whose parameters a call gate copies. */
    final StackFrame frame = new StackFrame(this), callerFrame = new StackFrame(this);
    /** Selectors popped, before they are loaded. */
    final int[] selectors = new int[6];

    /** Width of physical addresses in bits; a change is told to the MMU too. */
    public int physicalBits = 40;
    /** Bit of {@link #guestDebug}: user space steps through the guest. */
    static final int USER_STEPS = 2;
    /** The control word of KVM_SET_GUEST_DEBUG; 0 if user space debugs nothing. */
    public int guestDebug;
    /** The debug registers of KVM_SET_GUEST_DEBUG, in force instead of {@link #dr} with hardware breakpoints. */
    public final long[] userDr = new long[8];
    public final CpuidLeaves cpuid = new CpuidLeaves();
    public final Msrs msrs = new Msrs(this);

    /** x87, MMX, SSE and AVX registers. */
    public final FpuState fpu = new FpuState();
    /** The arithmetic unit of SSE. */
    public final SimdUnit simd = new SimdUnit();
    public final GuestException fault = new GuestException();
    public final CpuHost host;
    public final Mmu mmu;
    /** Told of each interrupt and exception delivered; null for no observer. */
    SoftObserver observer;
    /**
     * Not zero: the execution loop ends at the next instruction boundary between blocks. Any thread may raise it; only
     * the vCPU's thread lowers it, before it looks for the reasons.
     */
    private int attention;
    private static final VarHandle ATTENTION;

    static {
        try {
            ATTENTION = MethodHandles.lookup().findVarHandle(Cpu.class, "attention", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    public Cpu(CpuHost host, PhysicalBus bus) {
        this.host = host;
        this.mmu = new Mmu(bus, fault);
        for (int i = 0; i < segments.length; i++) {
            segments[i] = new Segment();
        }
    }

    /**
     * Serialises (SDM vol. 3, 10.3): earlier stores are seen by all before anything later is loaded, and later
     * instructions are fetched anew. A processor without peers skips the latter.
     */
    void serialize() {
        VarHandle.fullFence();
        serialized |= host.hasPeers();
    }

    /** Sets the observer of events that user space does not see; null for none. */
    public void observe(SoftObserver newObserver) {
        observer = newObserver;
        mmu.observe(newObserver);
    }

    /** Asks the execution loop to end soon. Any thread. */
    public void raiseAttention() {
        ATTENTION.setVolatile(this, 1);
    }

    /** Lowers the request; the caller then, after a full fence, looks at everything that may have raised it. */
    public void clearAttention() {
        ATTENTION.setOpaque(this, 0);
    }

    /**
     * To be called before an instruction looks at the time or changes what depends on it.
     *
     * @throws Interruption {@link Interruption#COUNTED} where time is counted in instructions and it is not yet known
     *                      how
     *                      many came before this one
     */
    public void requireCount() {
        if (counts && !alone) {
            throw Interruption.COUNTED;
        }
    }

    /** Cheap enough for every block. */
    public boolean needsAttention() {
        return (int) ATTENTION.getOpaque(this) != 0;
    }
}
