package jkvm.machine.snapshot;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import jkvm.linux.Fd;
import jkvm.linux.LinuxException;
import jkvm.linux.Syscalls;
import jkvm.memory.GuestMemory;
import jkvm.state.StateException;

/**
 * The file of a saved state whose RAM lies in it page by page, so that a machine maps it instead of reading it: the
 * guest goes on before its RAM was read. It is a saved state like all others too, for those who read it from its start.
 *
 * {@snippet :
 * machine.save(path).join();
 * try (SnapshotFile file = SnapshotFile.open(new FfmSyscalls(), path)) {
 *     next.load(file.snapshot()).join();     // and others: each has what it writes to its RAM for itself
 * }
 * }
 */
public final class SnapshotFile implements AutoCloseable {
    /** Configuration, layout, and the one after RAM. */
    private static final int FIRST_RECORDS = 3;

    private final Path path;
    private final StateFile file;
    private final MachineSnapshot snapshot;

    private SnapshotFile(Path path, StateFile file, MachineSnapshot snapshot) {
        this.path = path;
        this.file = file;
        this.snapshot = snapshot;
    }

    /**
     * Writes a file, which has this name when all of it is on the disk: a file that was there before stays as it is
     * until then. Its owner alone may read it. Nobody writes to the memory meanwhile.
     *
     * @param state  of the machine, without RAM
     * @throws SnapshotFileException if the host refuses; nothing is left of the new file then
     */
    public static void write(Syscalls syscalls, Path path, MachineSnapshot state, GuestMemory memory) {
        Path aside = null;
        try {
            Path target = target(path);
            Path folder = target.toAbsolutePath().getParent();
            aside = Files.createTempFile(folder, "." + target.getFileName() + ".", ".part");
            try (StateFile out = new StateFile(Fd.open(syscalls, aside.toString(), Fd.O_RDWR))) {
                SnapshotWriter writer = new SnapshotWriter(out);
                writer.configuration(state.configuration());
                writer.layout(RamLayout.of(memory));
                writer.memoryInPlace(memory, out);
                state.writeSections(writer);
                writer.end();
                out.sync();
            }
            Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
            aside = null;
            sync(syscalls, folder);
        } catch (IOException | LinuxException e) {
            throw new SnapshotFileException("save the machine's state to", path, e);
        } finally {
            delete(aside);
        }
    }

    /** The file that a name stands for, through links. */
    private static Path target(Path path) throws IOException {
        if (!Files.exists(path)) {
            return path;
        }
        Path real = path.toRealPath();
        if (!Files.isRegularFile(real)) {
            throw new FileSystemException(path.toString(), null, "not a regular file");
        }
        return real;
    }

    private static void sync(Syscalls syscalls, Path folder) throws IOException {
        try (StateFile entry = new StateFile(Fd.open(syscalls, folder.toString(), Fd.O_RDONLY))) {
            entry.sync();
        }
    }

    private static void delete(Path aside) {
        try {
            if (aside != null) {
                Files.deleteIfExists(aside);
            }
        } catch (IOException _) {
            // The failure that led here is the one to tell.
        }
    }

    /**
     * Opens a file and checks all of it but RAM that lies in its place: that is checked by {@link #verify()}. A file of
     * any state will do; RAM of one that was written for a stream is read into the Java heap.
     *
     * @param mostRam bytes: a state of a machine with more is refused
     * @throws StateException        if it is no saved state, or is damaged
     * @throws SnapshotFileException if the host refuses
     */
    public static SnapshotFile open(Syscalls syscalls, Path path, long mostRam) {
        StateFile file = null;
        try {
            if (!Files.exists(path)) {
                throw new NoSuchFileException(path.toString());
            }
            if (!Files.isRegularFile(path)) {
                throw new FileSystemException(path.toString(), null, "not a regular file");
            }
            file = new StateFile(Fd.open(syscalls, path.toString(), Fd.O_RDONLY));
            MachineSnapshot snapshot = MachineSnapshot.read(new SnapshotReader(file), mostRam);
            if (file.position() != file.size()) {
                throw new StateException("the state's file goes on after its end");
            }
            SnapshotFile opened = new SnapshotFile(path, file, snapshot);
            file = null;
            return opened;
        } catch (IOException | LinuxException e) {
            throw new SnapshotFileException("read the machine's state from", path, e);
        } finally {
            if (file != null) {
                file.close();
            }
        }
    }

    /** True for a file with RAM in its place; false for another one, a state or not. */
    public static boolean isMappable(Syscalls syscalls, Path path) {
        if (!Files.isRegularFile(path)) {
            return false;
        }
        try (StateFile file = new StateFile(Fd.open(syscalls, path.toString(), Fd.O_RDONLY))) {
            SnapshotReader in = new SnapshotReader(file);
            for (int i = 0; i < FIRST_RECORDS; i++) {
                in.next();
            }
            return in.mappedRam() != null;
        } catch (IOException | LinuxException | StateException _) {
            return false;
        }
    }

    /** The state. To be loaded before this is closed; the machines that have loaded it do not need it any more. */
    public MachineSnapshot snapshot() {
        return snapshot;
    }

    /**
     * Reads all RAM and compares it with its checksums.
     *
     * @throws StateException        if it is damaged
     * @throws SnapshotFileException if the host refuses
     */
    public void verify() {
        try {
            if (snapshot.ram() instanceof MappedRam mapped) {
                mapped.verify();
            }
        } catch (LinuxException e) {
            throw new SnapshotFileException("read the machine's state from", path, e);
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
