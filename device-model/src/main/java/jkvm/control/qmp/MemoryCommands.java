package jkvm.control.qmp;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import jkvm.host.HostException;
import jkvm.machine.DebugMemory;
import jkvm.machine.Machine;
import jkvm.machine.MachineDebug;
import jkvm.vm.Vcpu;

/** Commands that write the guest's memory to files. */
final class MemoryCommands {
    private static final Argument<Long> ADDRESS = Argument.required("val", Types.INT);
    private static final Argument<Long> SIZE = Argument.required("size", Types.INT);
    private static final Argument<String> FILE = Argument.required("filename", Types.STR);
    private static final Argument<Long> CPU = Argument.optional("cpu-index", Types.INT);

    private final Machine machine;

    MemoryCommands(Machine machine) {
        this.machine = machine;
    }

    void addTo(CommandTable table) {
        table.add(Declaration.of("memsave").takes(ADDRESS, SIZE, FILE, CPU),
                arguments -> save(arguments, cpu(arguments.find(CPU).orElse(0L))));
        table.add(Declaration.of("pmemsave").takes(ADDRESS, SIZE, FILE), arguments -> save(arguments, null));
    }

    private Vcpu cpu(long index) throws QmpException {
        MachineDebug debug = machine.debug();
        if (index < 0 || index >= debug.vcpus().size()) {
            throw new QmpException("Parameter 'cpu-index' expects a CPU number");
        }
        return debug.vcpus().get((int) index);
    }

    /** @param cpu by whose linear addresses; null for physical ones */
    private void save(Arguments arguments, Vcpu cpu) throws QmpException {
        long address = arguments.get(ADDRESS);
        long size = arguments.get(SIZE);
        if (size < 0 || size > machine.memory().size()) {
            throw invalid(address, size);
        }
        try (OutputStream out = open(arguments.get(FILE))) {
            DebugMemory memory = new DebugMemory(machine.memory(), cpu);
            if (!RunCommands.await(machine.quiesced(() -> copy(memory, address, size, out)))) {
                throw invalid(address, size);
            }
        } catch (IOException | UncheckedIOException e) {
            throw new QmpException("writing memory to '" + arguments.get(FILE) + "' failed: " + e.getMessage());
        }
    }

    private static QmpException invalid(long address, long size) {
        return new QmpException("Invalid addr 0x%016x/size %d specified".formatted(address, size));
    }

    /** A FIFO without a reader would hold the machine up, a device may do anything. */
    private static OutputStream open(String name) throws QmpException {
        try {
            Path file = Path.of(name);
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw new QmpException("Could not open '" + name + "': not a regular file");
            }
            return Files.newOutputStream(file);
        } catch (InvalidPathException e) {
            throw new QmpException("Could not open '" + name + "': " + e.getReason());
        } catch (IOException e) {
            throw new QmpException("Could not open '" + name + "': " + HostException.reasonOf(e));
        }
    }

    private static boolean copy(DebugMemory memory, long address, long size, OutputStream out) {
        try {
            return memory.copyTo(out, address, size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
