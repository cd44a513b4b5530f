package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import jkvm.host.disk.BitmapState;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DirtyBits;
import jkvm.host.disk.ImageEditor;
import jkvm.host.disk.InternalSnapshot;
import jkvm.host.disk.NamedFiles;
import jkvm.host.disk.NewSnapshot;
import jkvm.host.disk.Preallocation;
import jkvm.host.disk.SnapshotChoice;

/** Takes, applies and gives up internal snapshots, changes the disk's size and its bitmaps. */
final class Qcow2Editor implements ImageEditor {
    private final BlockFile file;
    private final NamedFiles files;

    Qcow2Editor(BlockFile file, NamedFiles files) {
        this.file = file;
        this.files = files;
    }

    @Override
    public void createSnapshot(String name, Instant date) throws IOException {
        new Qcow2Snapshots(file).create(NewSnapshot.ofDisk(name, date), 0);
    }

    @Override
    public void applySnapshot(String idOrName) throws IOException {
        InternalSnapshot snapshot = SnapshotChoice.idOrName(idOrName).find(snapshots())
                .orElseThrow(() -> new IOException("Failed to load snapshot: No such file or directory"));
        new Qcow2Snapshots(file).apply(snapshot, () -> { });
    }

    @Override
    public void deleteSnapshot(String name) throws IOException {
        InternalSnapshot snapshot = SnapshotChoice.of(Optional.empty(), Optional.of(name)).find(snapshots())
                .orElseThrow(() -> new IOException("snapshot not found"));
        new Qcow2Snapshots(file).delete(snapshot);
    }

    private List<InternalSnapshot> snapshots() throws IOException {
        return new SnapshotTable(file, Qcow2Header.read(file)).read();
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
    public void amend(CreateValues values, boolean force, DoubleConsumer percent) throws IOException {
        Qcow2Header header = Qcow2Header.read(file);
        Qcow2Driver.requireBacking(header, files);
        new Qcow2Amender(file, files, header, this, values, percent).run(force);
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
