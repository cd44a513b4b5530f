package jkvm.soft.jit;

import static jkvm.soft.jit.Emitter.J;
import static jkvm.soft.jit.Emitter.LINEAR;
import static jkvm.soft.jit.Emitter.LONGS;
import static jkvm.soft.jit.Emitter.TLB_INDEX;
import static jkvm.soft.jit.Emitter.V;
import static jkvm.soft.jit.Emitter.VALUE;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.LinkedHashMap;
import java.util.Map;
import jkvm.soft.mmu.Mmu;

/**
 * Emits accesses to guest memory: the TLB's fast path in line, with its arrays as constants. At a miss the method is
 * left, and the interpreter executes the instruction. A call there would cost each hit: the JVM's second compiler keeps
 * nothing in a register across a call, however seldom it is made.
 */
final class MemoryEmitter {
    /** Static constants of the compiled class: the TLB's arrays. */
    static final String READ_TAGS = "R", WRITE_TAGS = "W", ADDEND = "A";
    private static final int PAGE_SHIFT = 12;
    private static final ClassDesc ACCESS = ClassDesc.of("jkvm.soft.jit.CompiledAccess");
    private static final MethodTypeDesc LOAD = MethodTypeDesc.of(J, J);
    private static final MethodTypeDesc STORE = MethodTypeDesc.of(V, J, J);

    private final CodeBuilder b;
    private final ClassDesc self;
    /** Where an instruction goes whose access misses, by its address. */
    private final Map<Long, Label> misses = new LinkedHashMap<>();

    MemoryEmitter(CodeBuilder b, ClassDesc self) {
        this.b = b;
        this.self = self;
    }

    /** Pops a linear address, pushes the value there, zero-extended. The JVM's stack is empty but for the address. */
    void load(long pc, int size) {
        b.lstore(LINEAR);
        hostAddress(READ_TAGS, pc, size);
        b.invokestatic(ACCESS, "load" + 8 * size, LOAD);
    }

    /**
     * Pops a linear address and a value, which it stores there; the value's upper bits do not matter. The JVM's stack
     * is empty but for these.
     */
    void store(long pc, int size) {
        b.lstore(VALUE).lstore(LINEAR);
        hostAddress(WRITE_TAGS, pc, size);
        b.lload(VALUE).invokestatic(ACCESS, "store" + 8 * size, STORE);
    }

    /** Pushes the host address, unless the TLB lacks the page or the operand crosses its end. */
    private void hostAddress(String tags, long pc, int size) {
        b.lload(LINEAR).loadConstant(PAGE_SHIFT).lushr().l2i().loadConstant(Mmu.ENTRIES - 1).iand()
                .iload(Emitter.CONTEXT).ior().istore(TLB_INDEX);
        b.getstatic(self, tags, LONGS).iload(TLB_INDEX).laload().lload(LINEAR);
        if (size > 1) {
            b.loadConstant(size - 1L).ladd();
        }
        b.loadConstant(Mmu.PAGE_MASK).land().lcmp().ifne(misses.computeIfAbsent(pc, key -> b.newLabel()));
        b.getstatic(self, ADDEND, LONGS).iload(TLB_INDEX).laload().lload(LINEAR).ladd();
    }

    /** Emits the exit paths of all accesses so far: the instruction's address to NEXT_PC, and on to {@code missed}. */
    void emitMisses(Label missed) {
        misses.forEach((pc, label) -> b.labelBinding(label).loadConstant(pc).lstore(Emitter.NEXT_PC).goto_(missed));
    }
}
