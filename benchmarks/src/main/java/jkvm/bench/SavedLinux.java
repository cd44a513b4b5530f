package jkvm.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import jkvm.bench.StateRun.Bench;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.machine.snapshot.SnapshotFile;
import jkvm.machine.snapshot.SnapshotReader;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;

/** A Linux guest that has been saved while it printed {@link LinuxGuest#TICKS}. */
final class SavedLinux {
    private static final long MEMORY = (long) LinuxGuest.MEMORY_MIB << 20;

    private SavedLinux() {
    }

    /** Saves it as a stream, of jkvm or of QEMU. */
    static Path stream(Bench bench, Hypervisor hypervisor, String name) throws IOException, InterruptedException {
        Path socket = bench.folder().resolve("qmp");
        Path file = bench.folder().resolve(name);
        Files.deleteIfExists(socket);
        try (WatchedProcess process = bench.linux().start(hypervisor, LinuxGuest.TICK, "-qmp",
                "unix:" + socket + ",server=on,wait=off")) {
            process.await(LinuxGuest.TICKS);
            process.await(LinuxGuest.TICKS);
            try (QmpSession monitor = new QmpSession(socket)) {
                monitor.migrate("exec:cat > " + file);
            }
        }
        return file;
    }

    /** Saves it as a file of jkvm's, from which RAM can be mapped. */
    static Path file(Bench bench, Path stream) throws IOException {
        Path file = Files.createTempFile(bench.folder(), "jkvm", ".state");
        try (FileChannel channel = FileChannel.open(stream); Arena arena = Arena.ofShared()) {
            MachineSnapshot snapshot = MachineSnapshot.read(new SnapshotReader(channel), MEMORY);
            GuestMemory memory = MemoryBacking.ANONYMOUS.allocate(new FfmSyscalls(), arena, MEMORY);
            snapshot.ram().restore(memory);
            SnapshotFile.write(new FfmSyscalls(), file, snapshot, memory);
        }
        return file;
    }
}
