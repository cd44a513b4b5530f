package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import jkvm.host.disk.BitmapState;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DirtyBits;
import jkvm.host.disk.ImageEditor;
import jkvm.host.disk.InternalSnapshot;
import jkvm.host.disk.NamedFiles;
import jkvm.host.disk.Preallocation;

/** Takes, applies and gives up internal snapshots, changes the disk's size and its bitmaps. */
final class Qcow2Editor implements ImageEditor {
    private static final int SNAPSHOTS_FIELD = 60;
    private static final int SNAPSHOT_FIXED = 40, SNAPSHOT_EXTRA = 24;

    private final BlockFile file;
    private final NamedFiles files;

    Qcow2Editor(BlockFile file, NamedFiles files) {
        this.file = file;
        this.files = files;
    }

    @Override
    public void createSnapshot(String name, Instant date) throws IOException {
        Qcow2Tables tables = new Qcow2Tables(file);
        if (tables.header().hasDataFile()) {
            throw new IOException("an image with an external data file has no snapshots");
        }
        List<InternalSnapshot> snapshots = new SnapshotTable(file, tables.header()).read();
        List<MemorySegment> entries = entries(tables.header());
        long[] l1 = tables.activeL1();
        tables.forEachReference(l1, (cluster, punch) -> tables.requireRoom(cluster));
        tables.begin();
        tables.writeFlags(true);
        tables.forEachReference(l1, (cluster, punch) -> tables.raise(cluster));
        tables.save();
        long copy = l1.length == 0 ? 0 : tables.write(Qcow2Tables.longs(plain(l1)));
        entries.add(entry(name, date, snapshots, tables.header(), copy));
        replaceSnapshots(tables, entries);
        tables.end();
    }

    private static long[] plain(long[] l1) {
        long[] plain = l1.clone();
        for (int i = 0; i < plain.length; i++) {
            plain[i] &= ~L2Entry.COPIED_BIT;
        }
        return plain;
    }

    private static MemorySegment entry(String name, Instant date, List<InternalSnapshot> others, Qcow2Header header,
            long l1Offset) {
        long id = 1 + others.stream().mapToLong(each -> number(each.id())).max().orElse(0);
        byte[] idBytes = Long.toString(id).getBytes(StandardCharsets.UTF_8);
        byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
        MemorySegment entry = Bytes.allocate(SNAPSHOT_FIXED + SNAPSHOT_EXTRA + idBytes.length + nameBytes.length);
        Bytes.putLong(entry, 0, l1Offset);
        Bytes.putInt(entry, 8, header.l1Size());
        Bytes.putShort(entry, 12, idBytes.length);
        Bytes.putShort(entry, 14, nameBytes.length);
        Bytes.putInt(entry, 16, (int) date.getEpochSecond());
        Bytes.putInt(entry, 20, date.getNano());
        Bytes.putInt(entry, 36, SNAPSHOT_EXTRA);
        Bytes.putLong(entry, SNAPSHOT_FIXED + 8, header.size());
        Bytes.putLong(entry, SNAPSHOT_FIXED + 16, 0);
        MemorySegment.copy(idBytes, 0, entry, ValueLayout.JAVA_BYTE, SNAPSHOT_FIXED + SNAPSHOT_EXTRA, idBytes.length);
        MemorySegment.copy(nameBytes, 0, entry, ValueLayout.JAVA_BYTE,
                SNAPSHOT_FIXED + SNAPSHOT_EXTRA + idBytes.length, nameBytes.length);
        return entry;
    }

    private static long number(String id) {
        return id.matches("[0-9]{1,18}") ? Long.parseLong(id) : 0;
    }

    /** The entries of the snapshot table as they are, with what is not known here. */
    private List<MemorySegment> entries(Qcow2Header header) throws IOException {
        List<MemorySegment> entries = new ArrayList<>();
        long at = header.snapshotsOffset();
        for (int i = 0; i < header.snapshotCount(); i++) {
            at = Bytes.roundUp(at, 8);
            MemorySegment fixed = Bytes.readFully(file, at, SNAPSHOT_FIXED, "the snapshot table");
            long size = SNAPSHOT_FIXED + Bytes.getShort(fixed, 12) + Bytes.getShort(fixed, 14)
                    + Bytes.getInt(fixed, 36);
            entries.add(Bytes.readFully(file, at, size, "the snapshot table"));
            at += size;
        }
        return entries;
    }

    private void replaceSnapshots(Qcow2Tables tables, List<MemorySegment> entries) throws IOException {
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

    @Override
    public void applySnapshot(String idOrName) throws IOException {
        Qcow2Tables tables = new Qcow2Tables(file);
        Qcow2Header header = tables.header();
        if (new BitmapDirectory(file, header).extension() != null) {
            throw new IOException("Device has active dirty bitmaps");
        }
        List<InternalSnapshot> snapshots = new SnapshotTable(file, header).read();
        InternalSnapshot snapshot = snapshots.stream().filter(each -> each.id().equals(idOrName)).findFirst()
                .or(() -> snapshots.stream().filter(each -> each.name().equals(idOrName)).findFirst())
                .orElseThrow(() -> new IOException("Failed to load snapshot: No such file or directory"));
        long[] old = tables.activeL1();
        long[] l1 = plain(ClusterMap.readL1(file, snapshot.l1Offset(), snapshot.l1Size()));
        tables.forEachReference(l1, (cluster, punch) -> tables.requireRoom(cluster));
        tables.begin();
        tables.forEachReference(l1, (cluster, punch) -> tables.raise(cluster));
        tables.save();
        tables.useL1(l1, snapshot.diskSize());
        tables.freeTable(header.l1Offset(), 8L * header.l1Size());
        tables.forEachReference(old, tables::drop);
        tables.save();
        tables.writeFlags(false);
        tables.end();
    }

    @Override
    public void deleteSnapshot(String name) throws IOException {
        Qcow2Tables tables = new Qcow2Tables(file);
        List<InternalSnapshot> snapshots = new SnapshotTable(file, tables.header()).read();
        InternalSnapshot snapshot = snapshots.stream().filter(each -> each.name().equals(name)).findFirst()
                .orElseThrow(() -> new IOException("snapshot not found"));
        List<MemorySegment> entries = entries(tables.header());
        entries.remove(snapshots.indexOf(snapshot));
        long[] l1 = ClusterMap.readL1(file, snapshot.l1Offset(), snapshot.l1Size());
        tables.begin();
        replaceSnapshots(tables, entries);
        tables.freeTable(snapshot.l1Offset(), 8L * snapshot.l1Size());
        tables.forEachReference(l1, tables::drop);
        tables.save();
        tables.writeFlags(false);
        tables.end();
    }

    @Override
    public void resize(long size, Preallocation preallocation) throws IOException {
        new Qcow2Resize(file, files).run(size, preallocation);
    }

    @Override
    public void setBacking(Optional<String> name, Optional<String> format) throws IOException {
        Qcow2Header header = Qcow2Header.read(file);
        if (name.isPresent() && header.isDataFileRaw()) {
            throw new IOException("Invalid argument: the raw data file has the whole content");
        }
        new HeaderCluster(file, header).withBacking(name, format).write();
    }

    @Override
    public void amend(CreateValues values, DoubleConsumer percent) throws IOException {
        Qcow2Header header = Qcow2Header.read(file);
        Qcow2Driver.requireBacking(header, files);
        new Qcow2Amender(file, header, this, values, percent).run();
    }

    @Override
    public List<BitmapState> bitmaps() throws IOException {
        return new BitmapDirectory(file, Qcow2Header.read(file)).read().stream().map(each -> new BitmapState(
                each.name(), 1L << each.granularityBits(), each.isEnabled(), each.isInUse())).toList();
    }

    @Override
    public DirtyBits bitmap(String name) throws IOException {
        return new BitmapEditor(file).bits(name);
    }

    @Override
    public void addBitmap(String name, long granularity) throws IOException {
        new BitmapEditor(file).add(name, granularity);
    }

    @Override
    public void removeBitmap(String name) throws IOException {
        new BitmapEditor(file).remove(name);
    }

    @Override
    public void clearBitmap(String name) throws IOException {
        new BitmapEditor(file).clear(name);
    }

    @Override
    public void enableBitmap(String name, boolean enabled) throws IOException {
        new BitmapEditor(file).enable(name, enabled);
    }

    @Override
    public void mergeBitmap(String name, DirtyBits source) throws IOException {
        new BitmapEditor(file).merge(name, source);
    }
}
