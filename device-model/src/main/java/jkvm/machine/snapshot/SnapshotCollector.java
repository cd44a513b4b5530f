package jkvm.machine.snapshot;

import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import jkvm.state.StateException;

/** Puts the records of a saved state together. */
final class SnapshotCollector {
    private final long mostRam;
    private final MachineSnapshot.Sections sections = new MachineSnapshot.Sections();
    private MachineConfiguration configuration;
    /** Null for a state without RAM. */
    private CopiedRam ram;

    /** @param mostRam bytes of RAM that a state may have */
    SnapshotCollector(long mostRam) {
        this.mostRam = mostRam;
    }

    /** As {@link #read}, but RAM is only checked, and stays in the source. */
    MachineSnapshot readAllButRam(StateSource source) throws IOException {
        RamLayout layout = null;
        try (ReadableByteChannel channel = source.open()) {
            SnapshotReader in = new SnapshotReader(channel);
            while (true) {
                switch (in.next()) {
                    case SnapshotRecord.Configuration record -> configuration = record.configuration();
                    case SnapshotRecord.Layout record -> layout = bounded(record.layout());
                    case SnapshotRecord.Section record -> sections.put(record);
                    case SnapshotRecord.Pages _, SnapshotRecord.ZeroPages _ -> {
                        // The reader has found it good.
                    }
                    case SnapshotRecord.Abort record -> throw gaveUp(record);
                    case SnapshotRecord.End _ -> {
                        return sections.of(configuration,
                                layout == null ? null : new StreamedRam(layout, source));
                    }
                }
            }
        }
    }

    private static StateException gaveUp(SnapshotRecord.Abort record) {
        return new StateException("the state's writer gave up: " + record.reason());
    }

    MachineSnapshot read(SnapshotReader in) throws IOException {
        while (true) {
            switch (in.next()) {
                case SnapshotRecord.Configuration record -> configuration = record.configuration();
                case SnapshotRecord.Layout record -> ram = new CopiedRam(bounded(record.layout()));
                case SnapshotRecord.Pages record -> ram.put(record.gpa(), record.bytes());
                case SnapshotRecord.ZeroPages record -> ram.clear(record.gpa(), record.count());
                case SnapshotRecord.Section record -> sections.put(record);
                case SnapshotRecord.Abort record -> throw gaveUp(record);
                case SnapshotRecord.End _ -> {
                    MappedRam mapped = in.mappedRam();
                    return sections.of(configuration, mapped == null ? ram : mapped);
                }
            }
        }
    }

    private RamLayout bounded(RamLayout layout) {
        if (layout.size() > mostRam) {
            throw new StateException("the state is of a machine with %d bytes of RAM, which is more than %d"
                    .formatted(layout.size(), mostRam));
        }
        return layout;
    }
}
