package jkvm.soft.cpu;

import java.util.List;

/**
 * A unit of compilation: blocks of one guest page that are reachable from an entry, as one JVM method. Immutable,
 * so that another thread may compile it while the vCPU goes on.
 *
 * @param entry  RIP of the block where execution enters
 * @param mode   {@link CpuMode} word that the blocks were decoded in
 * @param blocks in ascending order of their RIP; none begins inside another
 * @param owner  the block of the code cache that asked for it
 */
public record CodeRegion(long entry, int mode, List<Part> blocks, Object owner) {

    /**
     * Straight code: only its last instruction may jump.
     *
     * @param pc RIP of the first instruction
     */
    public record Part(long pc, List<Insn> insns) {
        public Insn last() {
            return insns.getLast();
        }

        /** RIP after the last instruction. */
        public long end() {
            return last().after;
        }
    }

    /** The half of the blocks that lies nearer to the entry, which is among them. At least two blocks are needed. */
    public CodeRegion half() {
        int at = 0;
        while (blocks.get(at).pc() != entry) {
            at++;
        }
        int size = blocks.size() / 2;
        int from = Math.clamp(at - size / 2, 0, blocks.size() - size);
        return new CodeRegion(entry, mode, blocks.subList(from, from + size), owner);
    }
}
