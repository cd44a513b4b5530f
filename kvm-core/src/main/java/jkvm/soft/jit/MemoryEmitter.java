package jkvm.soft.jit;

import static jkvm.soft.jit.Emitter.CPU;
import static jkvm.soft.jit.Emitter.CPU_SLOT;
import static jkvm.soft.jit.Emitter.I;
import static jkvm.soft.jit.Emitter.J;
import static jkvm.soft.jit.Emitter.LONGS;
import static jkvm.soft.jit.Emitter.V;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/**
 * Emits accesses to guest memory: calls of {@link CompiledAccess} with the TLB's arrays as constants.
 *
 * <p>The JVM's second compiler inlines them up to 8,000 bytecodes, of which one access through a memory segment takes
 * about 800; the rest of a region's accesses are calls. Written out in the region with the var handles of memory
 * segments, which the JDK marks to be inlined always, all are in line: then hot code is up to twice as fast, but the
 * first compiler makes some 5 KB of each, and a boot, most of which is code that is not that hot, took 1.7 times as
 * long.
 */
final class MemoryEmitter {
    /** Static constants of the compiled class: the TLB's arrays. */
    static final String READ_TAGS = "R", WRITE_TAGS = "W", ADDEND = "A";
    private static final ClassDesc ACCESS = ClassDesc.of("jkvm.soft.jit.CompiledAccess");
    private static final MethodTypeDesc LOAD = MethodTypeDesc.of(J, LONGS, LONGS, CPU, I, J, J);
    private static final MethodTypeDesc STORE = MethodTypeDesc.of(V, LONGS, LONGS, CPU, I, J, J, J);

    private final CodeBuilder b;
    private final ClassDesc self;

    MemoryEmitter(CodeBuilder b, ClassDesc self) {
        this.b = b;
        this.self = self;
    }

    /** Pops a linear address, pushes the value there, zero-extended. */
    void load(long pc, int size) {
        b.lstore(Emitter.LINEAR);
        pushTlb(READ_TAGS);
        b.lload(Emitter.LINEAR).loadConstant(pc).invokestatic(ACCESS, "load" + 8 * size, LOAD);
    }

    /** Pops a linear address and a value, which it stores there; the value's upper bits do not matter. */
    void store(long pc, int size) {
        b.lstore(Emitter.VALUE).lstore(Emitter.LINEAR);
        pushTlb(WRITE_TAGS);
        b.lload(Emitter.LINEAR).lload(Emitter.VALUE).loadConstant(pc).invokestatic(ACCESS, "store" + 8 * size, STORE);
    }

    private void pushTlb(String tags) {
        b.getstatic(self, tags, LONGS).getstatic(self, ADDEND, LONGS).aload(CPU_SLOT).iload(Emitter.CONTEXT);
    }
}
