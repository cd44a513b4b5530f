package jkvm.soft.cpu;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Collects a region around a hot block: what is reachable from it by near jumps and calls, lies in the same page and
 * was executed some times before. Instructions that reach into the next page are left out.
 */
final class RegionFinder {
    private final CodeCompiler compiler;
    private final int limit;
    private final int warm;
    private final TreeMap<Long, Insn> found = new TreeMap<>();
    private final TreeSet<Long> leaders = new TreeSet<>();
    private final Set<Long> reached = new HashSet<>();
    private final ArrayDeque<Block> work = new ArrayDeque<>();

    /**
     * @param limit of instructions
     * @param warm  entries that a block must have had
     */
    RegionFinder(CodeCompiler compiler, int limit, int warm) {
        this.compiler = compiler;
        this.limit = limit;
        this.warm = warm;
    }

    /** The region with this entry, or null if not even its first instruction can be compiled. */
    CodeRegion find(Block hot, int mode) {
        add(hot, hot.pc);
        while (!work.isEmpty() && found.size() < limit) {
            follow(work.poll());
        }
        List<CodeRegion.Part> parts = new ArrayList<>();
        for (long leader : leaders) {
            List<Insn> insns = straight(leader);
            if (!insns.isEmpty()) {
                parts.add(new CodeRegion.Part(leader, insns));
            }
        }
        return parts.isEmpty() || !found.containsKey(hot.pc) ? null
                : new CodeRegion(hot.pc, mode, List.copyOf(parts), hot);
    }

    private void add(Block from, long pc) {
        if (reach(from, pc)) {
            leaders.add(pc);
        }
    }

    /** @return false if the block is not there or cannot be part of the region */
    private boolean reach(Block from, long pc) {
        Block block = from.pc == pc ? from : from.page.find(pc, from.context);
        if (block == null || block.second != null || !isWarm(block)) {
            return false;
        }
        if (reached.add(pc)) {
            work.add(block);
        }
        return true;
    }

    /** The heat of a block that has been hot is negative. */
    private boolean isWarm(Block block) {
        return block.heat < 0 || block.heat >= warm;
    }

    private void follow(Block block) {
        for (Insn in : block.code) {
            if (in.ends && !compiler.accepts(in)) {
                return;
            }
            found.put(in.pc, in);
            if (in.op == Op.JCC || in.op == Op.JMP || in.op == Op.CALL) {
                add(block, in.target);
            }
        }
        Insn last = block.code[block.code.length - 1];
        if (!last.ends) {
            // A long run of straight code was decoded as several blocks: it is one here unless there is a jump to it.
            reach(block, last.after);
        } else if (last.op == Op.JCC || last.op == Op.CALL || last.op == Op.CALL_INDIRECT) {
            add(block, last.after);
        }
    }

    private List<Insn> straight(long leader) {
        List<Insn> insns = new ArrayList<>();
        long pc = leader;
        for (Insn in = found.get(pc); in != null; in = found.get(pc)) {
            insns.add(in);
            pc = in.after;
            if (in.ends || leaders.contains(pc)) {
                break;
            }
        }
        return List.copyOf(insns);
    }
}
