package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.InternalSnapshot;

/** Reads the table of internal snapshots (docs/interop/qcow2, "Snapshots"). */
final class SnapshotTable {
    private static final int FIXED_SIZE = 40, MAX_EXTRA = 1024;
    /** QEMU's limit. */
    private static final int MAX_TABLE_BYTES = 64 << 20;
    /** Of all snapshots together, in entries: 1 GiB. */
    private static final long MAX_L1_ENTRIES = 1 << 27;

    private final BlockFile file;
    private final Qcow2Header header;
    private long end;

    SnapshotTable(BlockFile file, Qcow2Header header) {
        this.file = file;
        this.header = header;
    }

    /** Bytes of the table, once it has been read. */
    long length() {
        return end - header.snapshotsOffset();
    }

    /** @throws IOException if the table is damaged */
    List<InternalSnapshot> read() throws IOException {
        List<InternalSnapshot> snapshots = readUnchecked();
        for (InternalSnapshot snapshot : snapshots) {
            if (snapshot.l1Size() < 0 || snapshot.l1Size() > Qcow2Header.MAX_L1_BYTES / 8) {
                throw new IOException("a snapshot's L1 table is too large: "
                        + Integer.toUnsignedString(snapshot.l1Size()));
            }
            if ((snapshot.l1Offset() & header.clusterSize() - 1) != 0 || snapshot.l1Offset() < 0) {
                throw new IOException("a snapshot's L1 table does not begin at a cluster: 0x"
                        + Long.toHexString(snapshot.l1Offset()));
            }
        }
        return snapshots;
    }

    /** The snapshots, though their L1 tables may be anywhere and of any size. */
    List<InternalSnapshot> readUnchecked() throws IOException {
        List<InternalSnapshot> snapshots = new ArrayList<>();
        end = header.snapshotsOffset();
        long l1Entries = 0;
        for (int i = 0; i < header.snapshotCount(); i++) {
            end = Bytes.roundUp(end, 8);
            InternalSnapshot snapshot = readOne();
            snapshots.add(snapshot);
            l1Entries += Math.clamp(snapshot.l1Size(), 0, Qcow2Header.MAX_L1_BYTES / 8);
            if (length() > MAX_TABLE_BYTES || l1Entries > MAX_L1_ENTRIES) {
                throw new IOException("the snapshots' tables are too large");
            }
        }
        return snapshots;
    }

    private InternalSnapshot readOne() throws IOException {
        MemorySegment fixed = Bytes.readFully(file, end, FIXED_SIZE, "the snapshot table");
        long l1Offset = Bytes.getLong(fixed, 0);
        int l1Size = Bytes.getInt(fixed, 8);
        int idSize = Bytes.getShort(fixed, 12);
        int nameSize = Bytes.getShort(fixed, 14);
        int extraSize = Bytes.getInt(fixed, 36);
        if (extraSize < 0 || extraSize > MAX_EXTRA) {
            throw new IOException("a snapshot has too much extra data: " + Integer.toUnsignedString(extraSize));
        }
        MemorySegment rest = Bytes.readFully(file, end + FIXED_SIZE, extraSize + idSize + nameSize,
                "the snapshot table");
        end += FIXED_SIZE + rest.byteSize();
        long vmState = extraSize >= 8 ? Bytes.getLong(rest, 0) : Integer.toUnsignedLong(Bytes.getInt(fixed, 32));
        long diskSize = extraSize >= 16 ? Bytes.getLong(rest, 8) : header.size();
        long instructions = extraSize >= 24 ? Bytes.getLong(rest, 16) : -1;
        if (diskSize < 0) {
            throw new IOException("a snapshot's disk has an invalid size");
        }
        Instant date = Instant.ofEpochSecond(Integer.toUnsignedLong(Bytes.getInt(fixed, 16)),
                Integer.toUnsignedLong(Bytes.getInt(fixed, 20)));
        return new InternalSnapshot(text(rest.asSlice(extraSize, idSize)),
                text(rest.asSlice(extraSize + idSize, nameSize)), date, diskSize, vmState,
                Bytes.getLong(fixed, 24), instructions, l1Offset, l1Size);
    }

    private static String text(MemorySegment bytes) {
        return new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }
}
