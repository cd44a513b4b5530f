package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.util.List;
import java.util.Optional;
import jkvm.host.disk.DiskSnapshots;
import jkvm.host.disk.InternalSnapshot;
import jkvm.host.disk.NewSnapshot;

/** The snapshots of a qcow2 image that is open. */
final class LiveSnapshots implements DiskSnapshots {
    private final Qcow2Image image;
    private final Qcow2Files files;

    LiveSnapshots(Qcow2Image image, Qcow2Files files) {
        this.image = image;
        this.files = files;
    }

    @Override
    public List<InternalSnapshot> list() throws IOException {
        return image.inspect(() -> new SnapshotTable(files.file(), image.header()).read());
    }

    @Override
    public InternalSnapshot create(NewSnapshot snapshot, Optional<StateSource> state) throws IOException {
        List<InternalSnapshot> before = list();
        try {
            image.rewrite(() -> {
                Qcow2Snapshots snapshots = new Qcow2Snapshots(files.file());
                if (state.isPresent()) {
                    snapshots.create(snapshot, state.get(), files);
                } else {
                    snapshots.create(snapshot, 0);
                }
            });
        } catch (IOException e) {
            // If the image lists it, it is whole, and what failed was only to give room back.
            if (listInFile().size() == before.size()) {
                throw e;
            }
        }
        return listInFile().getLast();
    }

    private List<InternalSnapshot> listInFile() throws IOException {
        return new SnapshotTable(files.file(), Qcow2Header.read(files.file())).read();
    }

    @Override
    public void apply(InternalSnapshot snapshot, Step before) throws IOException {
        Qcow2Header header = image.header();
        if (snapshot.diskSize() != header.size()) {
            throw new IOException("the disk of snapshot '" + snapshot.name() + "' has " + snapshot.diskSize()
                    + " bytes, and the disk has " + header.size() + " now");
        }
        try {
            image.rewrite(() -> new Qcow2Snapshots(files.file()).apply(snapshot, before));
        } catch (IOException e) {
            // With another L1 table the disk has the snapshot's content, and what failed was to give room back.
            if (Qcow2Header.read(files.file()).l1Offset() == header.l1Offset()) {
                throw e;
            }
        }
    }

    @Override
    public void delete(InternalSnapshot snapshot) throws IOException {
        image.rewrite(() -> new Qcow2Snapshots(files.file()).delete(snapshot));
    }

    @Override
    public ReadableByteChannel state(InternalSnapshot snapshot) throws IOException {
        return image.inspect(() -> {
            Qcow2Header header = image.header();
            long start = VmStateArea.after(header, snapshot.diskSize()).start();
            ClusterMap map = new ClusterMap(files, header, snapshot.l1Offset(), snapshot.l1Size(), false);
            Qcow2Reader reader = new Qcow2Reader(files, header, map, start + snapshot.vmStateSize());
            return new VmStateReader((position, to) -> image.inspect(() -> {
                reader.read(start + position, to, 0, to.byteSize());
                return to;
            }), snapshot.vmStateSize());
        });
    }
}
