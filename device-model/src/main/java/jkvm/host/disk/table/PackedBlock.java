package jkvm.host.disk.table;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The compressed block that was read last: guests read a block in pieces. Any thread may call. */
final class PackedBlock {
    private final BlockTable table;
    private byte[] content;
    private long block = -1;

    PackedBlock(BlockTable table) {
        this.table = table;
    }

    synchronized void read(long wanted, int from, MemorySegment memory, long at, int length) throws IOException {
        if (block != wanted) {
            block = -1;
            if (content == null) {
                content = new byte[table.blockSize()];
            }
            table.unpack(wanted, content);
            block = wanted;
        }
        MemorySegment.copy(content, from, memory, ValueLayout.JAVA_BYTE, at, length);
    }
}
