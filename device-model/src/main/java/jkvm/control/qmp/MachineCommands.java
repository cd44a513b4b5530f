package jkvm.control.qmp;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import jkvm.machine.Machine;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.MachineName;
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
    private static final Struct<MachineName> MACHINE = Struct.<MachineName>named("MachineInfo")
            .with("name", Types.STR, MachineName::name)
            .optionally("alias", Types.STR, machine -> Optional.of(machine.alias()).filter(alias -> !alias.isEmpty()))
            .optionally("is-default", Types.BOOL, machine -> Optional.of(true).filter(_ -> !machine.alias().isEmpty()))
            .with("cpu-max", Types.INT, machine -> hasCpus(machine) ? (long) MachineConfig.MAX_CPUS : 1L)
            .flag("hotpluggable-cpus", _ -> false)
            .flag("numa-mem-supported", _ -> false)
            .flag("deprecated", MachineName::isDeprecated)
            .optionally("default-ram-id", Types.STR, machine -> Optional.of(hasCpus(machine) ? "pc.ram" : "ram"));
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
                _ -> MachineName.all());
        table.query(Declaration.of("query-current-machine").answers(CURRENT), _ -> machine.config());
        table.query(Declaration.of("query-memory-size-summary").answers(MEMORY), _ -> platform);
        // There is none.
        table.query(Declaration.of("query-iothreads").answers(Types.listOf(IO_THREAD)), _ -> List.of());
    }

    private static boolean hasCpus(MachineName machine) {
        return machine.type() != MachineType.NONE;
    }

    private List<String> groups(Optional<String> wanted) throws QmpException {
        List<String> all = machine.devices().reader().optionGroups();
        if (wanted.isPresent() && !all.contains(wanted.get())) {
            throw new QmpException("invalid option name: " + wanted.get());
        }
        return wanted.map(List::of).orElse(all);
    }
}
