package jkvm.machine;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import jkvm.host.disk.DiskSnapshots;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.machine.snapshot.RamLayout;
import jkvm.machine.snapshot.SnapshotWriter;
import jkvm.memory.GuestMemory;

/** The state of a machine that stands, with RAM taken from where the guest has it. */
final class LiveState implements DiskSnapshots.StateSource {
    /** Of the format, for each page and for the rest: more than it takes. */
    private static final long PER_PAGE = 128, OTHERS = 1 << 20;

    private final MachineSnapshot parts;
    private final GuestMemory memory;

    /** @param parts the state without RAM */
    LiveState(MachineSnapshot parts, GuestMemory memory) {
        this.parts = parts;
        this.memory = memory;
    }

    @Override
    public long limit() {
        long sections = parts.names().stream().mapToLong(name -> parts.section(name).length + PER_PAGE).sum();
        return memory.size() + memory.size() / RamLayout.PAGE * PER_PAGE + sections + OTHERS;
    }

    @Override
    public void writeTo(WritableByteChannel channel) throws IOException {
        SnapshotWriter out = new SnapshotWriter(channel);
        out.configuration(parts.configuration());
        out.layout(RamLayout.of(memory));
        out.memory(memory);
        parts.writeSections(out);
        out.end();
    }
}
