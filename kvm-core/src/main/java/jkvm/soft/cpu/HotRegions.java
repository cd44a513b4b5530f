package jkvm.soft.cpu;

import java.util.ArrayList;
import java.util.List;

/**
 * Decides what is compiled. A block that was entered often is the entry of a region; the compiler gets it, and the
 * block keeps what comes back. A page whose code changes again and again has to become hotter each time.
 */
final class HotRegions {
    /**
     * Entries after which a block is hot. The JVM's two compilers take some 2 ms for a region, the interpreter of guest
     * code 0.1 us more than they for an entry; and a boot patches much of its code before it runs it often.
     */
    static final int THRESHOLD = 4000;
    /** Blocks around it that were entered less often are left out: they would be compiled for nothing. */
    private static final int WARM = THRESHOLD / 16;
    /** Longer regions make methods that the JVM's first compiler gives up. */
    private static final int MAX_INSTRUCTIONS = 150;
    /** Instructions of the longest region: no more are executed between two looks at the budget. */
    static final int LONGEST = MAX_INSTRUCTIONS + CodeCache.MAX_BLOCK;
    /** Doublings of the threshold for pages that have changed. */
    private static final int MAX_PATIENCE = 7;
    /** Entries from elsewhere, beyond the threshold, that make a block of a compiled region an entry itself. */
    private static final int COVERED = THRESHOLD;
    /**
     * Instructions per entry from elsewhere beyond which such a block stays what it is: compiled code is left in the
     * middle of a loop each time that a slice ends, and the few instructions to its entry are no reason to compile it
     * once more.
     */
    private static final long SELDOM = 1000;
    private static final int NEVER = Integer.MIN_VALUE / 2;

    private final Cpu cpu;
    private final CodeCompiler compiler;

    HotRegions(Cpu cpu, CodeCompiler compiler) {
        this.cpu = cpu;
        this.compiler = compiler;
    }

    /** Asks for the region that begins at a block; one that cannot be compiled is not requested again soon. */
    void request(Block block, int mode) {
        int changes = Math.min(block.page.version, MAX_PATIENCE);
        if (block.patience < changes && (mode & CpuMode.CODE_64) != 0) {
            block.patience++;
            block.heat = -(THRESHOLD << block.patience);
            return;
        }
        if (block.coveredAt != 0 && cpu.instructions - block.coveredAt > SELDOM * (COVERED + THRESHOLD)) {
            cover(block);
            return;
        }
        block.heat = NEVER;
        if ((mode & CpuMode.CODE_64) != 0) {
            CodeRegion region = new RegionFinder(compiler, MAX_INSTRUCTIONS, WARM).find(block, mode);
            if (region != null) {
                boolean accepted = compiler.request(region);
                block.heat = accepted ? NEVER : 0;
                if (accepted) {
                    for (Block other : others(region)) {
                        other.heat = NEVER;
                    }
                }
            }
        }
    }

    /**
     * A region's blocks but its entry: all of a loop's blocks become hot at the same time, and one region for them is
     * enough, unless they are often entered from elsewhere.
     */
    private static List<Block> others(CodeRegion region) {
        Block owner = (Block) region.owner();
        List<Block> others = new ArrayList<>();
        for (CodeRegion.Part part : region.blocks()) {
            Block block = owner.page.find(part.pc(), owner.context);
            if (block != null && block != owner && block.compiled == null) {
                others.add(block);
            }
        }
        return others;
    }

    private void cover(Block block) {
        block.heat = -COVERED;
        block.coveredAt = cpu.instructions;
    }

    /** Gives blocks their compiled code. A block that its page has forgotten meanwhile is no longer reached. */
    void install() {
        for (CodeCompiler.Result ready = compiler.poll(); ready != null; ready = compiler.poll()) {
            ((Block) ready.region().owner()).compiled = ready.code();
            for (Block other : others(ready.region())) {
                if (ready.code() == null) {
                    other.heat = 0;
                } else {
                    cover(other);
                }
            }
        }
    }
}
