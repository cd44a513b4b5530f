package jkvm.machine.snapshot;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jkvm.bus.AddressRange;
import jkvm.linux.Fd;
import jkvm.linux.LinuxException;
import jkvm.linux.Mapping;
import jkvm.linux.Syscalls;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.state.StateException;

/**
 * A guest's memory in a file, where a machine maps it: its pages are read when the guest uses them. The file is open as
 * long as its {@link SnapshotFile} is, and is not changed by anybody meanwhile, nor as long as a machine lives that has
 * mapped it.
 */
public final class MappedRam implements RamImage {
    private final Fd file;
    private final long offset;
    private final RamLayout layout;
    /** Of the layout's pieces. */
    private final int[] checksums;

    MappedRam(Fd file, long offset, RamLayout layout, int[] checksums) {
        this.file = file;
        this.offset = offset;
        this.layout = layout;
        this.checksums = checksums;
    }

    @Override
    public RamLayout layout() {
        return layout;
    }

    /**
     * Maps the file into the place of a memory that has no other user. What the guest writes is its own.
     *
     * @param memory private to this process: what shares its pages no longer does
     * @throws StateException if the memory is laid out in another way
     * @throws LinuxException if the kernel refuses
     */
    public void map(GuestMemory memory) {
        layout.requireSame(memory);
        long at = offset;
        for (MemoryRegion region : memory.regions()) {
            Mapping.replace(region.segment(), file, at);
            at += region.size();
        }
    }

    /** Reads all of it. Nothing is changed where that fails. */
    @Override
    public void restore(GuestMemory memory) {
        layout.requireSame(memory);
        copied().restore(memory);
    }

    @Override
    public void write(SnapshotWriter out) throws IOException {
        copied().write(out);
    }

    private CopiedRam copied() {
        CopiedRam copy = new CopiedRam(layout);
        readAll(copy::put);
        return copy;
    }

    /**
     * Reads all of it and compares it with its checksums.
     *
     * @throws StateException if it is damaged
     * @throws LinuxException if it cannot be read
     */
    public void verify() {
        readAll((_, _) -> { });
    }

    /**
     * Gives all pieces of the layout, one after the other, and compares each with its checksum before.
     *
     * @throws StateException if it is damaged
     * @throws LinuxException if it cannot be read
     */
    void readAll(PieceTaker taker) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(RamLayout.PIECE, RamLayout.PAGE);
            long at = offset;
            int number = 0;
            for (AddressRange piece : layout.pieces()) {
                MemorySegment bytes = buffer.asSlice(0, piece.length());
                read(bytes, at);
                if (SnapshotFormat.checksum(bytes) != checksums[number++]) {
                    throw new StateException("the state's RAM is damaged from 0x%x on".formatted(piece.start()));
                }
                taker.take(piece.start(), bytes);
                at += piece.length();
            }
        }
    }

    private void read(MemorySegment to, long from) {
        for (long done = 0; done < to.byteSize(); ) {
            long count = file.read(to.address() + done, to.byteSize() - done, from + done);
            if (Syscalls.isError(count)) {
                throw new LinuxException("read " + file.name(), (int) -count);
            }
            if (count == 0) {
                throw new StateException("the state ends within its RAM");
            }
            done += count;
        }
    }
}
