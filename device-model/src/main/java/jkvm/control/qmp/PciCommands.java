package jkvm.control.qmp;

import java.util.List;
import java.util.Optional;
import jkvm.device.pci.PciClass;
import jkvm.device.pci.PciFunctionFacts;
import jkvm.machine.Machine;
import jkvm.machine.facts.DeviceFacts;

/** The command that tells the functions on the PCI bus. */
final class PciCommands {
    private static final long NOWHERE = -1;
    private static final Struct<PciFunctionFacts> CLASS = Struct.<PciFunctionFacts>named("PciDeviceClass")
            .optionally("desc", Types.STR, facts -> PciClass.description(PciClass.of(facts.classCode())))
            .with("class", Types.INT, facts -> (long) PciClass.of(facts.classCode()));
    private static final Struct<PciFunctionFacts> ID = Struct.<PciFunctionFacts>named("PciDeviceId")
            .with("device", Types.INT, facts -> (long) facts.device())
            .with("vendor", Types.INT, facts -> (long) facts.vendor())
            .optionally("subsystem", Types.INT, facts -> Optional.of((long) facts.subsystem()))
            .optionally("subsystem-vendor", Types.INT, facts -> Optional.of((long) facts.subsystemVendor()));
    private static final Struct<PciFunctionFacts.Range> REGION = Struct.<PciFunctionFacts.Range>named("PciMemoryRegion")
            .with("bar", Types.INT, range -> (long) range.index())
            .with("type", Types.choice("PciMemoryRegionType", List.of("io", "memory")),
                    range -> range.isPorts() ? "io" : "memory")
            .with("address", Types.INT, range -> range.address().orElse(NOWHERE))
            .with("size", Types.INT, PciFunctionFacts.Range::size)
            .optionally("prefetch", Types.BOOL, range -> ofMemory(range, range.isPrefetchable()))
            .optionally("mem_type_64", Types.BOOL, range -> ofMemory(range, range.isWide()));
    private static final Struct<Function> DEVICE = Struct.<Function>named("PciDeviceInfo")
            .with("bus", Types.INT, _ -> 0L)
            .with("slot", Types.INT, function -> (long) function.facts().slot())
            .with("function", Types.INT, function -> (long) function.facts().function())
            .with("class_info", CLASS, Function::facts)
            .with("id", ID, Function::facts)
            .optionally("irq", Types.INT, function -> function.facts().pin() == 0 ? Optional.empty()
                    : Optional.of((long) function.facts().line()))
            .with("irq_pin", Types.INT, function -> (long) function.facts().pin())
            .with("qdev_id", Types.STR, Function::id)
            .with("regions", Types.listOf(REGION), function -> function.facts().bars());
    private static final Struct<List<Function>> BUS = Struct.<List<Function>>named("PciInfo")
            .with("bus", Types.INT, _ -> 0L)
            .with("devices", Types.listOf(DEVICE), functions -> functions);

    private final Machine machine;

    /** @param id the user's; empty for none */
    private record Function(String id, PciFunctionFacts facts) {
    }

    PciCommands(Machine machine) {
        this.machine = machine;
    }

    void addTo(CommandTable table) {
        table.query(Declaration.of("query-pci").answers(Types.listOf(BUS)), _ -> buses());
    }

    private static Optional<Boolean> ofMemory(PciFunctionFacts.Range range, boolean value) {
        return range.isPorts() ? Optional.empty() : Optional.of(value);
    }

    private List<List<Function>> buses() {
        List<Function> functions = machine.facts().devices().stream().filter(device -> device.pci().isPresent())
                .map(device -> new Function(id(device), device.pci().orElseThrow())).toList();
        return functions.isEmpty() ? List.of() : List.of(functions);
    }

    private static String id(DeviceFacts device) {
        return device.config().map(config -> config.properties().id()).orElse("");
    }
}
