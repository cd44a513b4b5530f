package jkvm.control.qmp;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import jkvm.machine.Machine;
import jkvm.machine.cpu.CpuDefinitions;
import jkvm.tables.SmbiosSettings;

/** Commands about the machine's CPUs and the models that there are. */
final class CpuCommands {
    static final String TARGET = "x86_64";

    private static final Struct<Place> PLACE = Struct.<Place>named("CpuInstanceProperties")
            .optionally("socket-id", Types.INT, place -> Optional.of(place.socket()))
            .optionally("core-id", Types.INT, place -> Optional.of(place.core()))
            .optionally("thread-id", Types.INT, place -> Optional.of(place.thread()));
    private static final Struct<Cpu> CPU = Struct.<Cpu>named("CpuInfoFast")
            .with("cpu-index", Types.INT, Cpu::index)
            .with("qom-path", Types.STR, Cpu::path)
            .with("thread-id", Types.INT, Cpu::hostThread)
            .optionally("props", PLACE, cpu -> Optional.of(cpu.place()))
            .with("target", Types.choice("SysEmuTarget", List.of(TARGET)), _ -> TARGET);
    private static final Struct<Cpu> HOTPLUGGABLE = Struct.<Cpu>named("HotpluggableCPU")
            .with("type", Types.STR, Cpu::type)
            .with("vcpus-count", Types.INT, _ -> 1L)
            .with("props", PLACE, Cpu::place)
            .optionally("qom-path", Types.STR, cpu -> Optional.of(cpu.path()));
    private static final Struct<String> MODEL = Struct.<String>named("CpuDefinitionInfo")
            .with("name", Types.STR, name -> name)
            .flag("static", _ -> false)
            .flag("deprecated", _ -> false)
            .with("typename", Types.STR, CpuCommands::typeName)
            .optionally("migration-safe", Types.BOOL, name -> Optional.of(!isOfHost(name)));

    private final Machine machine;

    /** Where the guest sees a CPU. */
    private record Place(long socket, long core, long thread) {
    }

    /** @param hostThread the kernel's id; 0 for a thread that has not started */
    private record Cpu(long index, String path, String type, long hostThread, Place place) {
    }

    CpuCommands(Machine machine) {
        this.machine = machine;
    }

    void addTo(CommandTable table) {
        table.query(Declaration.of("query-cpus-fast").answers(Types.listOf(CPU)), _ -> cpus());
        table.query(Declaration.of("query-hotpluggable-cpus").answers(Types.listOf(HOTPLUGGABLE)),
                _ -> cpus().reversed());
        table.query(Declaration.of("query-cpu-definitions").answers(Types.listOf(MODEL)), _ -> models());
        table.add(Declaration.of("inject-nmi"), _ -> RunCommands.await(machine.injectNmi()));
    }

    /** QEMU's name for the type of CPUs of a model. */
    static String typeName(String model) {
        return model + "-" + TARGET + "-cpu";
    }

    /** The path of a CPU in the tree of objects. */
    static String path(int index) {
        return ObjectTree.UNATTACHED + "/device[" + index + "]";
    }

    private static boolean isOfHost(String model) {
        return model.equals("host") || model.equals("max");
    }

    private List<Cpu> cpus() {
        List<Integer> threads = machine.vcpuThreadIds();
        String type = typeName(machine.config().platform().cpu().model());
        return IntStream.range(0, threads.size()).mapToObj(index -> new Cpu(index, path(index), type,
                threads.get(index), place(index))).toList();
    }

    private Place place(int index) {
        SmbiosSettings.Sockets sockets = machine.config().platform().smbios().settings().sockets().orElse(
                new SmbiosSettings.Sockets(1, machine.config().platform().cpus(), 1));
        int perSocket = sockets.cores() * sockets.threads();
        return new Place(index / perSocket, index % perSocket / sockets.threads(), index % sockets.threads());
    }

    private static List<String> models() {
        List<String> names = new ArrayList<>(List.of("host", "max"));
        names.addAll(CpuDefinitions.read().names());
        return names;
    }
}
