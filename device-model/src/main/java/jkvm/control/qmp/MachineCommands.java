package jkvm.control.qmp;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import jkvm.machine.Machine;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.MachineType;
import jkvm.machine.config.PlatformConfig;
import jkvm.soft.Accelerator;

/** Commands that tell the machine's description. */
final class MachineCommands {
    private static final Struct<PlatformConfig> NAME = Struct.<PlatformConfig>named("NameInfo")
            .optionally("name", Types.STR, platform -> Optional.of(platform.name()).filter(name -> !name.isEmpty()));
    private static final Struct<PlatformConfig> UUID_INFO = Struct.<PlatformConfig>named("UuidInfo")
            .with("UUID", Types.STR, platform -> platform.uuid().orElse(new UUID(0, 0)).toString());
    private static final Struct<QmpFacts> KVM = Struct.<QmpFacts>named("KvmInfo")
            .flag("enabled", facts -> facts.accelerator() == Accelerator.Kind.KVM)
            .flag("present", QmpFacts::hasKvm);
    private static final Struct<String> TARGET = Struct.<String>named("TargetInfo")
            .with("arch", Types.choice("SysEmuTarget", List.of(CpuCommands.TARGET)), name -> name);
    private static final Struct<MachineType> MACHINE = Struct.<MachineType>named("MachineInfo")
            .with("name", Types.STR, MachineType::text)
            .optionally("is-default", Types.BOOL, type -> Optional.of(true).filter(_ -> type == MachineType.PC))
            .with("cpu-max", Types.INT, _ -> (long) MachineConfig.MAX_CPUS)
            .flag("hotpluggable-cpus", _ -> false)
            .flag("numa-mem-supported", _ -> false)
            .flag("deprecated", _ -> false)
            .optionally("default-cpu-type", Types.STR, _ -> Optional.of(CpuCommands.typeName("host")))
            .optionally("default-ram-id", Types.STR, _ -> Optional.of("pc.ram"));
    private static final Struct<PlatformConfig> MEMORY = Struct.<PlatformConfig>named("MemoryInfo")
            .with("base-memory", Types.INT, PlatformConfig::memoryBytes)
            .optionally("plugged-memory", Types.INT, _ -> Optional.of(0L));
    private static final Struct<MachineConfig> CURRENT = Struct.<MachineConfig>named("CurrentMachineParams")
            .flag("wakeup-suspend-support", MachineConfig::canSuspend);
    private static final Argument<String> GROUP = Argument.optional("option", Types.STR);
    private static final Struct<String> PARAMETER = Struct.<String>named("CommandLineParameterInfo")
            .with("name", Types.STR, name -> name)
            .with("type", Types.choice("CommandLineParameterType", List.of("string", "boolean", "number", "size")),
                    _ -> "string");
    /** Without parameters, as QEMU tells the groups whose options a program does not read by this. */
    private static final Struct<String> GROUP_INFO = Struct.<String>named("CommandLineOptionInfo")
            .with("option", Types.STR, name -> name)
            .with("parameters", Types.listOf(PARAMETER), _ -> List.of());
    private static final Struct<String> IO_THREAD = Struct.<String>named("IOThreadInfo")
            .with("id", Types.STR, id -> id);

    private static final Struct<UUID> GENERATION = Struct.<UUID>named("GuidInfo").with("guid", Types.STR,
            UUID::toString);

    private final Machine machine;
    private final PlatformConfig platform;
    private final QmpFacts facts;

    MachineCommands(Machine machine, QmpFacts facts) {
        this.machine = machine;
        platform = machine.config().platform();
        this.facts = facts;
    }

    void addTo(CommandTable table) {
        table.query(Declaration.of("query-command-line-options").takes(GROUP).answers(Types.listOf(GROUP_INFO)),
                arguments -> groups(arguments.find(GROUP)));
        table.query(Declaration.of("query-name").answers(NAME), _ -> platform);
        table.query(Declaration.of("query-uuid").answers(UUID_INFO), _ -> platform);
        table.query(Declaration.of("query-vm-generation-id").answers(GENERATION), _ -> machine.generationId()
                .orElseThrow(() -> new QmpException("VM Generation ID device not found")));
        table.query(Declaration.of("query-kvm").answers(KVM), _ -> facts);
        table.query(Declaration.of("query-target").answers(TARGET), _ -> CpuCommands.TARGET);
        table.query(Declaration.of("query-machines").answers(Types.listOf(MACHINE)),
                _ -> List.of(MachineType.values()));
        table.query(Declaration.of("query-current-machine").answers(CURRENT), _ -> machine.config());
        table.query(Declaration.of("query-memory-size-summary").answers(MEMORY), _ -> platform);
        // There is none.
        table.query(Declaration.of("query-iothreads").answers(Types.listOf(IO_THREAD)), _ -> List.of());
    }

    private List<String> groups(Optional<String> wanted) throws QmpException {
        List<String> all = machine.devices().reader().optionGroups();
        if (wanted.isPresent() && !all.contains(wanted.get())) {
            throw new QmpException("invalid option name: " + wanted.get());
        }
        return wanted.map(List::of).orElse(all);
    }
}
