package jkvm.soft.cpu;

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
    private static final int NEVER = Integer.MIN_VALUE / 2;

    private final CodeCompiler compiler;

    HotRegions(CodeCompiler compiler) {
        this.compiler = compiler;
    }

    /** Asks for the region that begins at a block; what cannot be compiled is not asked for again soon. */
    void request(Block block, int mode) {
        int changes = Math.min(block.page.version, MAX_PATIENCE);
        if (block.patience < changes && (mode & CpuMode.CODE_64) != 0) {
            block.patience++;
            block.heat = -(THRESHOLD << block.patience);
            return;
        }
        block.heat = NEVER;
        if ((mode & CpuMode.CODE_64) != 0) {
            CodeRegion region = new RegionFinder(compiler, MAX_INSTRUCTIONS, WARM).find(block, mode);
            if (region != null) {
                boolean accepted = compiler.request(region);
                block.heat = accepted ? NEVER : 0;
                if (accepted) {
                    heatOthers(region, NEVER);
                }
            }
        }
    }

    /**
     * Sets the heat of a region's blocks but its entry: all of a loop's blocks become hot at the same time, and one
     * region for them is enough, unless they are often entered in another way.
     */
    private static void heatOthers(CodeRegion region, int heat) {
        Block owner = (Block) region.owner();
        for (CodeRegion.Part part : region.blocks()) {
            Block block = owner.page.find(part.pc(), owner.context);
            if (block != null && block != owner && block.compiled == null) {
                block.heat = heat;
            }
        }
    }

    /** Gives blocks their compiled code. A block that its page has forgotten meanwhile is no longer reached. */
    void install() {
        for (CodeCompiler.Result ready = compiler.poll(); ready != null; ready = compiler.poll()) {
            ((Block) ready.region().owner()).compiled = ready.code();
            heatOthers(ready.region(), ready.code() == null ? 0 : -COVERED);
        }
    }
}
