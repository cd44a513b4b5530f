package jkvm.machine.snapshot;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.IntStream;
import jkvm.linux.Fd;
import jkvm.linux.MemFd;
import jkvm.linux.Syscalls;
import jkvm.state.StateException;

/**
 * A state from which many machines go on. Its RAM is copied once, into a file in memory that is sealed: nobody can
 * write to it, shorten it or delete it. The machines map it privately, so that each takes memory of the host for the
 * pages only that it writes to. The state that it was made of, or its file, is not needed any more.
 *
 * {@snippet :
 * try (SealedState sealed = SealedState.of(new FfmSyscalls(), machine.save().join())) {
 *     first.load(sealed.snapshot()).join();
 *     second.load(sealed.snapshot()).join();
 * }
 * }
 */
public final class SealedState implements AutoCloseable {
    private final Fd file;
    private final MachineSnapshot snapshot;

    private SealedState(Fd file, MachineSnapshot snapshot) {
        this.file = file;
        this.snapshot = snapshot;
    }

    /**
     * Copies a state. RAM that lies in a file is compared with its checksums meanwhile.
     *
     * @param state with RAM
     * @throws StateException                if its RAM is damaged, or it has none
     * @throws jkvm.linux.LinuxException     if the host refuses
     * @throws SnapshotFileException         if the host has no memory for it
     */
    public static SealedState of(Syscalls syscalls, MachineSnapshot state) {
        if (state.ram() == null) {
            throw new StateException("the state has no RAM");
        }
        RamLayout layout = state.ram().layout();
        Fd file = MemFd.create(syscalls, "jkvm-template", "a template's memory", layout.size(), false);
        try {
            int[] checksums = copy(state.ram(), file);
            MemFd.seal(file);
            return new SealedState(file, state.with(new MappedRam(file, 0, layout, checksums)));
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static int[] copy(RamImage ram, Fd file) {
        StateFile target = new StateFile(file);
        IntStream.Builder checksums = IntStream.builder();
        RamImage.PieceTaker put = (_, bytes) -> {
            checksums.add(SnapshotFormat.checksum(bytes));
            try {
                SnapshotWriter.sparse(bytes, target);
            } catch (IOException e) {
                throw new SnapshotFileException("copy the machine's state to", Path.of(file.name()), e);
            }
        };
        switch (ram) {
            case CopiedRam copied -> copied.readAll(put);
            case MappedRam mapped -> mapped.readAll(put);
            case StreamedRam streamed -> streamed.copied().readAll(put);
        }
        return checksums.build().toArray();
    }

    /** The state. To be loaded before this is closed; the machines that have loaded it do not need it any more. */
    public MachineSnapshot snapshot() {
        return snapshot;
    }

    @Override
    public void close() {
        file.close();
    }
}
