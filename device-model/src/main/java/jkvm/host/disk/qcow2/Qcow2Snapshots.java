package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.DiskSnapshots;
import jkvm.host.disk.InternalSnapshot;
import jkvm.host.disk.NewSnapshot;

/**
 * Takes, applies and gives up the internal snapshots of a qcow2 file. While a method runs the file has no other user,
 * and nobody keeps its tables in memory.
 */
final class Qcow2Snapshots {
    private static final int SNAPSHOTS_FIELD = 60;
    private static final int FIXED_SIZE = 40, EXTRA_SIZE = 24;
    private static final int MAX_WORD = 0xffff;

    private final BlockFile file;

    Qcow2Snapshots(BlockFile file) {
        this.file = file;
    }

    static void requireOwnData(Qcow2Header header) throws IOException {
        if (header.hasDataFile()) {
            throw new IOException("an image with an external data file has no snapshots");
        }
    }

    /**
     * Takes a snapshot.
     *
     * @param stateSize bytes of the machine's state that lies after the disk
     */
    void create(NewSnapshot snapshot, long stateSize) throws IOException {
        Qcow2Tables tables = new Qcow2Tables(file);
        requireOwnData(tables.header());
        List<InternalSnapshot> snapshots = new SnapshotTable(file, tables.header()).read();
        List<MemorySegment> entries = entries(tables.header());
        long[] l1 = tables.activeL1();
        tables.forEachReference(l1, (cluster, punch) -> tables.requireRoom(cluster));
        tables.begin();
        tables.writeFlags(true);
        tables.forEachReference(l1, (cluster, punch) -> tables.raise(cluster));
        tables.save();
        long copy = l1.length == 0 ? 0 : tables.write(Qcow2Tables.longs(plain(l1)));
        entries.add(entry(snapshot, nextId(snapshots), stateSize, tables.header(), copy));
        replaceTable(tables, entries);
        tables.end();
    }

    /**
     * Takes a snapshot with the state of a machine. The state is in the file before the snapshot is known. The disk
     * itself keeps nothing of it.
     */
    void create(NewSnapshot snapshot, DiskSnapshots.StateSource state, Qcow2Files files) throws IOException {
        try {
            create(snapshot, writeState(state, files));
        } catch (IOException | RuntimeException e) {
            try {
                dropState(new Qcow2Tables(file));
            } catch (IOException second) {
                // It takes room until the next state is written.
                e.addSuppressed(second);
            }
            throw e;
        }
        dropState(new Qcow2Tables(file));
    }

    /** @return the state's size in bytes */
    private long writeState(DiskSnapshots.StateSource state, Qcow2Files files) throws IOException {
        Qcow2Tables tables = new Qcow2Tables(file);
        requireOwnData(tables.header());
        dropState(tables);
        VmStateArea area = VmStateArea.after(tables.header(), tables.header().size());
        long l1Size = area.l1Size(state.limit());
        if (l1Size > Qcow2Header.MAX_L1_BYTES / 8) {
            throw new IOException("a state of up to " + state.limit() + " bytes needs larger clusters");
        }
        if (l1Size > tables.header().l1Size()) {
            tables.growL1((int) l1Size);
        }
        tables.begin();
        Qcow2Header header = tables.header();
        ClusterMap map = new ClusterMap(files, header, header.l1Offset(), header.l1Size(), true);
        Qcow2Reader reader = new Qcow2Reader(files, header, map, header.size());
        try (VmStateWriter out = new VmStateWriter(new Qcow2Writer(files, header, map, reader, true), area,
                state.limit())) {
            state.writeTo(out);
            long size = out.finish();
            map.close();
            return size;
        } catch (IOException | RuntimeException e) {
            try {
                map.close();
            } catch (IOException second) {
                // The image is marked as not closed, and is repaired by its next user.
                e.addSuppressed(second);
            }
            throw e;
        }
    }

    /** Takes the state of a machine away from the disk; snapshots keep theirs. */
    private static void dropState(Qcow2Tables tables) throws IOException {
        Qcow2Header header = tables.header();
        long[] l1 = tables.activeL1();
        int used = (int) VmStateArea.after(header, header.size()).l1Size(0);
        long[] state = Arrays.copyOfRange(l1, Math.min(used, l1.length), l1.length);
        if (Arrays.stream(state).allMatch(entry -> entry == 0)) {
            return;
        }
        tables.useL1(Arrays.copyOf(l1, used), header.size());
        tables.freeTable(header.l1Offset(), 8L * header.l1Size());
        tables.forEachReference(state, tables::drop);
        tables.save();
    }

    /** The snapshot as the file has it now. */
    static InternalSnapshot require(List<InternalSnapshot> snapshots, InternalSnapshot wanted) throws IOException {
        // Another one may have got its id meanwhile.
        return snapshots.stream().filter(wanted::equals).findFirst().orElseThrow(() ->
                new IOException("snapshot '" + wanted.name() + "' is not there any more"));
    }

    private static long[] plain(long[] l1) {
        long[] plain = l1.clone();
        for (int i = 0; i < plain.length; i++) {
            plain[i] &= ~L2Entry.COPIED_BIT;
        }
        return plain;
    }

    private static long nextId(List<InternalSnapshot> others) {
        return 1 + others.stream().mapToLong(each -> number(each.id())).max().orElse(0);
    }

    private static long number(String id) {
        return id.matches("[0-9]{1,18}") ? Long.parseLong(id) : 0;
    }

    private static MemorySegment entry(NewSnapshot snapshot, long id, long stateSize, Qcow2Header header,
            long l1Offset) throws IOException {
        byte[] idBytes = Long.toString(id).getBytes(StandardCharsets.UTF_8);
        byte[] nameBytes = snapshot.name().getBytes(StandardCharsets.UTF_8);
        if (nameBytes.length > MAX_WORD) {
            throw new IOException("the snapshot's name is too long");
        }
        long words = FIXED_SIZE + EXTRA_SIZE;
        MemorySegment entry = Bytes.allocate(words + idBytes.length + nameBytes.length);
        Bytes.putLong(entry, 0, l1Offset);
        Bytes.putInt(entry, 8, header.l1Size());
        Bytes.putShort(entry, 12, idBytes.length);
        Bytes.putShort(entry, 14, nameBytes.length);
        Instant date = snapshot.date();
        Bytes.putInt(entry, 16, (int) date.getEpochSecond());
        Bytes.putInt(entry, 20, date.getNano());
        Bytes.putLong(entry, 24, snapshot.vmClockNanos());
        Bytes.putInt(entry, 32, (int) stateSize);
        Bytes.putInt(entry, 36, EXTRA_SIZE);
        Bytes.putLong(entry, FIXED_SIZE, stateSize);
        Bytes.putLong(entry, FIXED_SIZE + 8, header.size());
        Bytes.putLong(entry, FIXED_SIZE + 16, snapshot.instructions());
        MemorySegment.copy(idBytes, 0, entry, ValueLayout.JAVA_BYTE, words, idBytes.length);
        MemorySegment.copy(nameBytes, 0, entry, ValueLayout.JAVA_BYTE, words + idBytes.length, nameBytes.length);
        return entry;
    }

    /** The entries of the snapshot table as they are, with what is not known here. */
    private List<MemorySegment> entries(Qcow2Header header) throws IOException {
        List<MemorySegment> entries = new ArrayList<>();
        long at = header.snapshotsOffset();
        for (int i = 0; i < header.snapshotCount(); i++) {
            at = Bytes.roundUp(at, 8);
            MemorySegment fixed = Bytes.readFully(file, at, FIXED_SIZE, "the snapshot table");
            long size = FIXED_SIZE + Bytes.getShort(fixed, 12) + Bytes.getShort(fixed, 14)
                    + Bytes.getInt(fixed, 36);
            entries.add(Bytes.readFully(file, at, size, "the snapshot table"));
            at += size;
        }
        return entries;
    }

    private void replaceTable(Qcow2Tables tables, List<MemorySegment> entries) throws IOException {
        Qcow2Header header = tables.header();
        SnapshotTable old = new SnapshotTable(file, header);
        old.readUnchecked();
        long place = 0;
        if (!entries.isEmpty()) {
            MemorySegment table = Bytes.allocate(entries.stream().mapToLong(each -> Bytes.roundUp(each.byteSize(), 8))
                    .sum());
            long at = 0;
            for (MemorySegment each : entries) {
                table.asSlice(at).copyFrom(each);
                at += Bytes.roundUp(each.byteSize(), 8);
            }
            place = tables.write(table);
        }
        MemorySegment fields = Bytes.allocate(12);
        Bytes.putInt(fields, 0, entries.size());
        Bytes.putLong(fields, 4, place);
        tables.writeHeader(SNAPSHOTS_FIELD, fields);
        if (header.snapshotCount() > 0) {
            tables.freeTable(header.snapshotsOffset(), old.length());
        }
    }

    /**
     * Makes the disk's content and size those of a snapshot.
     *
     * @param before runs when one write is missing; if it throws, the disk is as it was
     */
    void apply(InternalSnapshot wanted, DiskSnapshots.Step before) throws IOException {
        Qcow2Tables tables = new Qcow2Tables(file);
        Qcow2Header header = tables.header();
        if (new BitmapDirectory(file, header).extension() != null) {
            throw new IOException("Device has active dirty bitmaps");
        }
        InternalSnapshot snapshot = require(new SnapshotTable(file, header).read(), wanted);
        long[] old = tables.activeL1();
        // The machine's state stays the snapshot's alone.
        long used = Math.min(VmStateArea.after(header, snapshot.diskSize()).l1Size(0), snapshot.l1Size());
        long[] l1 = plain(ClusterMap.readL1(file, snapshot.l1Offset(), (int) used));
        tables.forEachReference(l1, (cluster, punch) -> tables.requireRoom(cluster));
        tables.begin();
        tables.forEachReference(l1, (cluster, punch) -> tables.raise(cluster));
        tables.save();
        tables.useL1(l1, snapshot.diskSize(), before);
        tables.freeTable(header.l1Offset(), 8L * header.l1Size());
        tables.forEachReference(old, tables::drop);
        tables.save();
        tables.writeFlags(false);
        tables.end();
    }

    void delete(InternalSnapshot wanted) throws IOException {
        Qcow2Tables tables = new Qcow2Tables(file);
        List<InternalSnapshot> snapshots = new SnapshotTable(file, tables.header()).read();
        InternalSnapshot snapshot = require(snapshots, wanted);
        List<MemorySegment> entries = entries(tables.header());
        entries.remove(snapshots.indexOf(snapshot));
        long[] l1 = ClusterMap.readL1(file, snapshot.l1Offset(), snapshot.l1Size());
        tables.begin();
        replaceTable(tables, entries);
        tables.freeTable(snapshot.l1Offset(), 8L * snapshot.l1Size());
        tables.forEachReference(l1, tables::drop);
        tables.save();
        tables.writeFlags(false);
        tables.end();
    }
}
