package jkvm.soft.jit;

import static jkvm.soft.jit.Emitter.CPU;
import static jkvm.soft.jit.Emitter.CPU_SLOT;
import static jkvm.soft.jit.Emitter.HELPERS;
import static jkvm.soft.jit.Emitter.I;
import static jkvm.soft.jit.Emitter.INSN;
import static jkvm.soft.jit.Emitter.J;
import static jkvm.soft.jit.Emitter.LONGS;
import static jkvm.soft.jit.Emitter.NEXT_PC;
import static jkvm.soft.jit.Emitter.SEGMENT;
import static jkvm.soft.jit.Emitter.V;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import jkvm.soft.cpu.CodeRegion;
import jkvm.soft.cpu.CompiledCode;
import jkvm.soft.cpu.Insn;
import jkvm.soft.cpu.Op;
import jkvm.soft.cpu.Segment;

/**
 * Makes a region into the bytes of a class. Its one method executes the region until it is left:
 *
 * <pre>
 *   load registers and flags into locals
 *   each block: count instructions; each instruction: fetch, access memory, write registers and flags
 *   exit:       store locals, set RIP, return LEFT
 *   miss:       store locals, set RIP to the instruction, return MISSED
 * </pre>
 *
 * <p>An access that the TLB has no page for is the interpreter's: it executes the instruction again, walks, and knows
 * about faults, exits and writes into code. So compiled code has none of these. The interpreter's classes execute
 * other instructions from within the method ({@link Helpers#execute}), registers stored before and loaded after.
 *
 * <p>The class file has version 49: it needs no stack maps, whose computation is more than half of a class's cost.
 * Constants come by class data into static finals, which the JVM's compiler folds.
 */
final class RegionCompiler {
    /** A method longer than this is never compiled by the JVM (HugeMethodLimit). */
    static final int MAX_BYTECODES = 8000;
    private static final ClassDesc SELF = ClassDesc.of("jkvm.soft.jit.Compiled");
    private static final ClassDesc SUPER = ClassDesc.of("jkvm.soft.cpu.CompiledCode");
    private static final ClassDesc DATA = ClassDesc.of("jkvm.soft.jit.RegionData");
    private static final ClassDesc LOOKUP = ConstantDescs.CD_MethodHandles_Lookup;
    private static final ClassDesc INSNS = INSN.arrayType();
    private static final int VERSION = 49;
    private static final ClassFile CLASS_FILE = ClassFile.of(ClassFile.DebugElementsOption.DROP_DEBUG,
            ClassFile.LineNumbersOption.DROP_LINE_NUMBERS, ClassFile.StackMapsOption.DROP_STACK_MAPS);
    private static final MethodTypeDesc NOTHING = MethodTypeDesc.of(V);

    private final CodeRegion region;
    private final boolean counts;
    /** Instructions that the interpreter executes from within. */
    private final List<Insn> helped = new ArrayList<>();

    /** @param counts whether the number of instructions executed has to be exact wherever the region is left */
    RegionCompiler(CodeRegion region, boolean counts) {
        this.region = region;
        this.counts = counts;
    }

    /** The class's bytes. */
    byte[] compile() {
        return CLASS_FILE.build(SELF, this::build);
    }

    /** Bytecodes of the method of a class that {@link #compile} made. */
    static int length(byte[] classFile) {
        return CLASS_FILE.parse(classFile).methods().getLast().findAttribute(Attributes.code())
                .orElseThrow().codeLength();
    }

    /** After {@link #compile}: what the class finds at {@code insns} of its data. */
    Insn[] helped() {
        return helped.toArray(new Insn[0]);
    }

    /** True if the instruction can be inside a region. */
    static boolean accepts(Insn in) {
        if (in.ends) {
            return BranchEmitter.emits(in) && isPlain(in);
        }
        return true;
    }

    /** Operands that the emitters can address: flat memory or FS and GS, no lock. */
    static boolean isPlain(Insn in) {
        boolean addressed = in.memory == 0 || in.segment == Insn.FLAT || in.segment >= Segment.FS;
        return addressed && (in.prefixes & Insn.LOCK) == 0;
    }

    private void build(ClassBuilder k) {
        k.withVersion(VERSION, 0).withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER).withSuperclass(SUPER);
        for (String name : List.of(MemoryEmitter.READ_TAGS, MemoryEmitter.WRITE_TAGS, MemoryEmitter.ADDEND)) {
            k.withField(name, LONGS, ClassFile.ACC_STATIC | ClassFile.ACC_FINAL);
        }
        k.withField("F", SEGMENT, ClassFile.ACC_STATIC | ClassFile.ACC_FINAL);
        k.withField("G", SEGMENT, ClassFile.ACC_STATIC | ClassFile.ACC_FINAL);
        k.withField("I", INSNS, ClassFile.ACC_STATIC | ClassFile.ACC_FINAL);
        k.withMethodBody("<clinit>", NOTHING, ClassFile.ACC_STATIC, this::initialize);
        k.withMethodBody("<init>", NOTHING, 0, b -> b.aload(0).invokespecial(SUPER, "<init>", NOTHING).return_());
        k.withMethodBody("run", MethodTypeDesc.of(I, CPU), ClassFile.ACC_PUBLIC, this::run);
    }

    private void initialize(CodeBuilder b) {
        b.invokestatic(ConstantDescs.CD_MethodHandles, "lookup", MethodTypeDesc.of(LOOKUP))
                .invokestatic(DATA, "of", MethodTypeDesc.of(DATA, LOOKUP)).astore(0);
        constant(b, MemoryEmitter.READ_TAGS, "readTags", LONGS);
        constant(b, MemoryEmitter.WRITE_TAGS, "writeTags", LONGS);
        constant(b, MemoryEmitter.ADDEND, "addends", LONGS);
        constant(b, "F", "fs", SEGMENT);
        constant(b, "G", "gs", SEGMENT);
        constant(b, "I", "insns", INSNS);
        b.return_();
    }

    private void constant(CodeBuilder b, String field, String accessor, ClassDesc type) {
        b.aload(0).invokevirtual(DATA, accessor, MethodTypeDesc.of(type)).putstatic(SELF, field, type);
    }

    private void run(CodeBuilder b) {
        Emitter e = new Emitter(b, SELF, region);
        Body body = new Body(e);
        Label real = b.newLabel();
        // A call without a processor returns at once: see WarmUp.
        b.aload(CPU_SLOT).ifnonnull(real).loadConstant(0).ireturn().labelBinding(real);
        int used = RegisterUse.used(region);
        e.loadState(used);
        b.aload(CPU_SLOT).getfield(CPU, "budget", I).istore(Emitter.BUDGET);
        // The library counts locals in code that is reached; the JVM checks those of all code.
        b.loadConstant(0).istore(Emitter.LAST);
        body.enter(used);
        for (int i = 0; i < region.blocks().size(); i++) {
            CodeRegion.Part next = i + 1 < region.blocks().size() ? region.blocks().get(i + 1) : null;
            body.block(region.blocks().get(i), next, used);
        }
        e.memory.emitMisses(e.missed);
        leave(e, used);
        b.labelBinding(body.bail);
        b.iload(Emitter.K2).ireturn();
    }

    /** Emits the exit paths, which differ in the method's result: K2. */
    private void leave(Emitter e, int used) {
        CodeBuilder b = e.b;
        Label store = b.newLabel();
        List<Label> ways = List.of(e.exit, e.interpret, e.missed);
        for (int status = CompiledCode.LEFT; status <= CompiledCode.MISSED; status++) {
            b.labelBinding(ways.get(status));
            if (counts && status != CompiledCode.LEFT) {
                b.iinc(Emitter.BUDGET, 1);
            }
            b.loadConstant(status).istore(Emitter.K2).goto_(store);
        }
        b.labelBinding(store);
        e.storeState(used);
        b.aload(CPU_SLOT).lload(NEXT_PC).putfield(CPU, "rip", J).iload(Emitter.K2).ireturn();
    }

    /** Emits blocks one after the other. */
    private final class Body {
        private final Emitter e;
        private final CodeBuilder b;
        private final MoveEmitter moves;
        private final ArithmeticEmitter arithmetic;
        private final ShiftEmitter shifts;
        private final BranchEmitter branches;
        /** Returns what a helper answered; the processor is up to date. */
        private final Label bail;
        private final FlagKinds kinds = new FlagKinds(region);

        Body(Emitter e) {
            this.e = e;
            this.b = e.b;
            FlagEmitter flags = new FlagEmitter(e);
            this.moves = new MoveEmitter(e, flags);
            this.arithmetic = new ArithmeticEmitter(e, flags);
            this.shifts = new ShiftEmitter(e, flags);
            this.branches = new BranchEmitter(e, flags, moves);
            this.bail = e.b.newLabel();
        }

        /** Emits the entry from outside: a copy of the entry's block, or a jump to it if no other path leads there. */
        void enter(int used) {
            for (CodeRegion.Part block : region.blocks()) {
                if (block.pc() == region.entry()) {
                    if (kinds.before(block) == null || kinds.before(block) == FlagEmitter.UNKNOWN) {
                        b.goto_(e.labels.get(region.entry()));
                    } else {
                        e.known = FlagEmitter.UNKNOWN;
                        straight(block, region.blocks().getFirst(), used);
                    }
                }
            }
        }

        void block(CodeRegion.Part block, CodeRegion.Part next, int used) {
            b.labelBinding(e.labels.get(block.pc()));
            Integer kind = kinds.before(block);
            e.known = kind == null ? FlagEmitter.UNKNOWN : kind;
            straight(block, next, used);
        }

        private void straight(CodeRegion.Part block, CodeRegion.Part next, int used) {
            if (!counts) {
                b.iinc(Emitter.BUDGET, -block.insns().size());
            }
            List<Insn> insns = block.insns();
            for (int i = 0; i < insns.size(); i++) {
                Insn in = insns.get(i);
                if (counts) {
                    b.iinc(Emitter.BUDGET, -1);
                }
                if (!isPlain(in) || !emit(in, FlagUse.isUnseen(insns, i))) {
                    helper(in, used);
                }
            }
            int op = block.last().op;
            boolean falls = !block.last().ends || op == Op.JCC;
            if (falls && (next == null || next.pc() != block.end())) {
                e.go(block.last().pc, block.end());
            }
        }

        private boolean emit(Insn in, boolean unseen) {
            if (in.ends) {
                branches.emit(in);
                return true;
            }
            return moves.emit(in) || arithmetic.emit(in, unseen) || shifts.emit(in, unseen);
        }

        private void helper(Insn in, int used) {
            int index = helped.size();
            helped.add(in);
            e.storeState(used);
            b.aload(CPU_SLOT).getstatic(SELF, "I", INSNS).loadConstant(index).aaload()
                    .invokestatic(HELPERS, "execute", MethodTypeDesc.of(I, CPU, INSN)).istore(Emitter.K2);
            Label on = b.newLabel();
            b.iload(Emitter.K2).ifeq(on);
            b.iload(Emitter.K2).loadConstant(1).isub().istore(Emitter.K2).goto_(bail);
            b.labelBinding(on);
            e.loadState(used);
            e.known = FlagEmitter.UNKNOWN;
        }
    }
}
