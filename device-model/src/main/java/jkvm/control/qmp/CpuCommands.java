package jkvm.control.qmp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import jkvm.json.Json;
import jkvm.machine.Machine;
import jkvm.machine.config.MachineException;
import jkvm.machine.cpu.CpuDefinitions;
import jkvm.machine.cpu.CpuExpansion;
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
    private static final Struct<Model> MODEL = Struct.<Model>named("CpuDefinitionInfo")
            .with("name", Types.STR, Model::name)
            .flag("static", model -> model.name().equals(CpuExpansion.BASE))
            .flag("deprecated", _ -> false)
            .with("typename", Types.STR, model -> typeName(model.name()))
            .optionally("unavailable-features", Types.listOf(Types.STR), model -> Optional.of(model.missing()))
            .optionally("migration-safe", Types.BOOL, model -> Optional.of(!isOfHost(model.name())));
    private static final Struct<Expanded> EXPANDED = Struct.<Expanded>named("CpuModelInfo")
            .with("name", Types.STR, Expanded::name)
            .optionally("props", Types.ANY, expanded -> Optional.of(json(expanded.properties())));
    private static final Struct<Expanded> EXPANSION = Struct.<Expanded>named("CpuModelExpansionInfo")
            .with("model", EXPANDED, expanded -> expanded);
    private static final Argument<ExpansionType> TYPE = Argument.required("type",
            Types.choice("CpuModelExpansionType", ExpansionType.values(), ExpansionType::text));
    private static final Argument<String> NAME = Argument.required("name", Types.STR);
    private static final Argument<Json> PROPERTIES = Argument.optional("props", Types.ANY);
    private static final Argument<Arguments> WANTED = Argument.required("model",
            new InputObject("CpuModelInfo", List.of(NAME, PROPERTIES), false));

    private final Machine machine;

    /** Where the guest sees a CPU. */
    private record Place(long socket, long core, long thread) {
    }

    /** @param hostThread the kernel's id; 0 for a thread that has not started */
    private record Cpu(long index, String path, String type, long hostThread, Place place) {
    }

    /** @param missing the features that the accelerator does not have */
    private record Model(String name, List<String> missing) {
    }

    private record Expanded(String name, Map<String, Object> properties) {
    }

    private enum ExpansionType {
        STATIC, FULL;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    CpuCommands(Machine machine) {
        this.machine = machine;
    }

    void addTo(CommandTable table) {
        table.query(Declaration.of("query-cpus-fast").answers(Types.listOf(CPU)), _ -> cpus());
        table.query(Declaration.of("query-hotpluggable-cpus").answers(Types.listOf(HOTPLUGGABLE)),
                _ -> cpus().reversed());
        table.query(Declaration.of("query-cpu-definitions").answers(Types.listOf(MODEL)), _ -> models());
        table.query(Declaration.of("query-cpu-model-expansion").takes(TYPE, WANTED).answers(EXPANSION),
                arguments -> expand(arguments.get(TYPE), arguments.get(WANTED)));
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

    private List<Model> models() {
        List<String> names = new ArrayList<>(List.of("host", "max", CpuExpansion.BASE));
        names.addAll(CpuDefinitions.read().names());
        return names.stream().map(name -> new Model(name, machine.unavailableFeatures(name))).toList();
    }

    private Expanded expand(ExpansionType type, Arguments model) throws QmpException {
        String name = model.get(NAME);
        Map<String, Boolean> features = new LinkedHashMap<>();
        Map<String, String> values = new LinkedHashMap<>();
        if (model.find(PROPERTIES).isPresent()) {
            if (!(model.find(PROPERTIES).get() instanceof Json.Members given)) {
                throw InputType.mismatch("model.props", "object");
            }
            given.values().forEach((property, value) -> {
                switch (value) {
                    case Json.Flag flag -> features.put(property, flag.value());
                    case Json.Text text -> values.put(property, text.value());
                    default -> values.put(property, value.line());
                }
            });
        }
        try {
            return new Expanded(type == ExpansionType.STATIC ? CpuExpansion.BASE : name,
                    machine.cpuProperties(name, features, values));
        } catch (MachineException e) {
            throw new QmpException(refusal(name, e));
        }
    }

    private static String refusal(String model, MachineException e) {
        return switch (e.kind()) {
            case UNKNOWN_CPU_MODEL -> "CPU model '" + model + "' not found";
            case UNKNOWN_CPU_FEATURE -> "Property '" + typeName(model) + "." + e.subject() + "' not found";
            default -> e.getMessage();
        };
    }

    private static Json json(Map<String, Object> properties) {
        Json.Members members = Json.Members.empty();
        for (Map.Entry<String, Object> property : properties.entrySet()) {
            members = switch (property.getValue()) {
                case Boolean flag -> members.with(property.getKey(), flag);
                case Long number -> members.with(property.getKey(), number);
                default -> members.with(property.getKey(), property.getValue().toString());
            };
        }
        return members;
    }
}
