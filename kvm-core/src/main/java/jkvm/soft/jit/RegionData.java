package jkvm.soft.jit;

import java.lang.constant.ConstantDescs;
import java.lang.invoke.MethodHandles;
import jkvm.soft.cpu.Insn;
import jkvm.soft.cpu.Segment;

/**
 * The objects that a compiled class has as constants; it asks for them when it is initialised. Public members are for
 * the generated code of this package's hidden classes.
 *
 * @param readTags  TLB of {@link jkvm.soft.mmu.Mmu}: read tags
 * @param writeTags write tags
 * @param addends   host minus linear address
 * @param fs        segment register FS
 * @param gs        segment register GS
 * @param insns     what the interpreter executes from within the region
 */
record RegionData(long[] readTags, long[] writeTags, long[] addends, Segment fs, Segment gs, Insn[] insns) {

    /** The data that the class of {@code lookup} was defined with. */
    static RegionData of(MethodHandles.Lookup lookup) throws IllegalAccessException {
        return MethodHandles.classData(lookup, ConstantDescs.DEFAULT_NAME, RegionData.class);
    }
}
