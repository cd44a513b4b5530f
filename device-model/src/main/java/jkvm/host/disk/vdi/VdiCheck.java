package jkvm.host.disk.vdi;

import java.io.IOException;
import java.util.BitSet;
import java.util.function.Consumer;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.CheckResult;

/** Looks for blocks of the disk that share a place, or have one that cannot be. */
final class VdiCheck {
    private final VdiHeader header;
    private final BitSet used = new BitSet();
    private final Consumer<String> lines;
    private long corruptions;
    private long allocated;

    private VdiCheck(VdiHeader header, Consumer<String> lines) {
        this.header = header;
        this.lines = lines;
    }

    static CheckResult check(BlockFile file, VdiHeader header, Consumer<String> lines) throws IOException {
        VdiCheck check = new VdiCheck(header, lines);
        VdiTable.map(file, header).scan(header.blocks(), check::visit);
        if (check.allocated != header.allocatedBlocks()) {
            check.error("ERROR: allocated blocks mismatch, is " + check.allocated + ", should be "
                    + header.allocatedBlocks());
        }
        return new CheckResult(check.corruptions, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    private void visit(long block, long entry) {
        if (!VdiTable.isAllocated(entry)) {
            return;
        }
        if (entry >= header.blocks()) {
            error("ERROR: block index " + block + " too large, is " + entry);
            return;
        }
        allocated++;
        if (used.get((int) entry)) {
            error("ERROR: block " + entry + " of the file is used again by block index " + block);
        }
        used.set((int) entry);
    }

    private void error(String message) {
        corruptions++;
        lines.accept(message);
    }
}
