package jkvm.soft.jit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ConcurrentLinkedQueue;
import jkvm.soft.cpu.CodeCompiler;
import jkvm.soft.cpu.CodeRegion;
import jkvm.soft.cpu.CompiledCode;
import jkvm.soft.cpu.Cpu;
import jkvm.soft.cpu.Insn;
import jkvm.soft.cpu.Segment;

/**
 * The compiler of one vCPU: its code has that vCPU's TLB as constants. Requests go to the VM's {@link CompilerThread},
 * results come back through a queue that the vCPU's thread polls.
 */
public final class VcpuCompiler implements CodeCompiler {
    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();
    private static final MethodType CONSTRUCTOR = MethodType.methodType(void.class);

    private final Cpu cpu;
    private final CompilerThread thread;
    private final ConcurrentLinkedQueue<Result> ready = new ConcurrentLinkedQueue<>();

    /** @param thread shared by the vCPUs of a VM */
    public VcpuCompiler(Cpu cpu, CompilerThread thread) {
        this.cpu = cpu;
        this.thread = thread;
    }

    @Override
    public boolean accepts(Insn in) {
        return RegionCompiler.accepts(in);
    }

    @Override
    public boolean request(CodeRegion region) {
        return thread.submit(() -> {
            CompiledCode code = compile(region);
            Result result = new Result(region, code);
            if (code == null) {
                ready.add(result);
            } else {
                thread.warmUp(new WarmUp(code, () -> ready.add(result)));
            }
        });
    }

    @Override
    public Result poll() {
        return ready.isEmpty() ? null : ready.poll();
    }

    /**
     * Compiles a region on the calling thread.
     *
     * @return null if the region makes too long a method even when it is reduced to one block
     */
    public CompiledCode compile(CodeRegion region) {
        CodeRegion part = region;
        while (true) {
            RegionCompiler compiler = new RegionCompiler(part, cpu.counts);
            byte[] classFile = compiler.compile();
            if (RegionCompiler.length(classFile) < RegionCompiler.MAX_BYTECODES) {
                return define(classFile, compiler.helped());
            }
            if (part.blocks().size() == 1) {
                return null;
            }
            part = part.half();
        }
    }

    private CompiledCode define(byte[] classFile, Insn[] helped) {
        RegionData data = new RegionData(cpu.mmu.readTags(), cpu.mmu.writeTags(), cpu.mmu.addends(),
                cpu.segments[Segment.FS], cpu.segments[Segment.GS], helped);
        try {
            // The JVM's first compiler counts no calls of methods whose class is not there yet, and its second takes
            // them to be rare then: in the first regions no access would be in line.
            LOOKUP.ensureInitialized(CompiledAccess.class);
            LOOKUP.ensureInitialized(Helpers.class);
            MethodHandles.Lookup defined = LOOKUP.defineHiddenClassWithClassData(classFile, data, true);
            return (CompiledCode) defined.findConstructor(defined.lookupClass(), CONSTRUCTOR).invoke();
        } catch (Throwable e) {
            throw new AssertionError("compiled region does not link", e);
        }
    }
}
