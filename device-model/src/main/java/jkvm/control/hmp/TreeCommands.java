package jkvm.control.hmp;

import static jkvm.control.hmp.Parameter.flag;

import java.util.List;
import java.util.Optional;
import jkvm.bus.AddressRange;
import jkvm.device.board.Bus;
import jkvm.device.board.Property;
import jkvm.device.pci.PciClass;
import jkvm.device.pci.PciFunctionFacts;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.facts.DeviceFacts;
import jkvm.machine.facts.MachineFacts;
import jkvm.machine.facts.MemoryRange;
import jkvm.machine.facts.PortRange;

/** The words after {@code info} that show where the guest finds memory, ports and devices. */
final class TreeCommands {
    private static final long NOWHERE = -1;
    private static final String SYSTEM = "0000000000000000-ffffffffffffffff (prio 0, i/o): system\n";
    private static final String IO = "0000000000000000-000000000000ffff (prio 0, i/o): io\n";

    private final MonitorSession session;

    TreeCommands(MonitorSession session) {
        this.session = session;
    }

    void addTo(CommandTable table) {
        table.add(MonitorCommand.of("mtree", "[-f]", "show memory tree (-f: dump flat view for address spaces)",
                arguments -> memory(arguments.isSet('f')), flag('f')));
        table.add(MonitorCommand.of("pci", "", "show PCI info", _ -> functions()));
        table.add(MonitorCommand.of("qtree", "", "show device tree", _ -> devices()));
        table.add(MonitorCommand.of("roms", "", "show roms", _ -> roms()));
    }

    private MachineFacts facts() {
        return session.machine().facts();
    }

    private String memory(boolean isFlat) {
        MachineFacts facts = facts();
        String indent = isFlat ? "  " : "    ";
        StringBuilder text = new StringBuilder(isFlat
                ? "FlatView #0\n AS \"memory\", root: system\n Root memory region: system\n"
                : "address-space: memory\n  " + SYSTEM);
        for (MemoryRange range : facts.memory()) {
            text.append(indent).append(line(range.range(), type(range.kind()), name(range)));
        }
        text.append(isFlat ? "\nFlatView #1\n AS \"I/O\", root: io\n Root memory region: io\n"
                : "\naddress-space: I/O\n  " + IO);
        for (PortRange range : facts.ports()) {
            text.append(indent).append(line(range.range(), "i/o", range.owner()));
        }
        return text.append('\n').toString();
    }

    private static String line(AddressRange range, String type, String name) {
        return "%016x-%016x (prio 0, %s): %s\n".formatted(range.start(), range.end() - 1, type, name);
    }

    private static String type(MemoryRange.Kind kind) {
        return switch (kind) {
            case RAM -> "ram";
            case ROM -> "rom";
            case CHIP, REGISTERS -> "i/o";
        };
    }

    private static String name(MemoryRange range) {
        return switch (range.kind()) {
            case RAM -> "pc.ram";
            case ROM -> "pc.bios";
            case CHIP, REGISTERS -> range.owner();
        };
    }

    private String functions() {
        StringBuilder text = new StringBuilder();
        for (DeviceFacts device : facts().devices()) {
            device.pci().ifPresent(function -> {
                text.append("  Bus  0, device %3d, function %d:\n    %s: PCI device %04x:%04x\n"
                        .formatted(function.slot(), function.function(), name(function), function.vendor(),
                                function.device()));
                text.append("      PCI subsystem %04x:%04x\n".formatted(function.subsystemVendor(),
                        function.subsystem()));
                if (function.pin() != 0) {
                    text.append("      IRQ %d, pin %c\n".formatted(function.line(), 'A' + function.pin() - 1));
                }
                function.bars().forEach(bar -> text.append(bar(bar)));
                text.append("      id \"").append(id(device)).append("\"\n");
            });
        }
        return text.toString();
    }

    private static String name(PciFunctionFacts function) {
        int pciClass = PciClass.of(function.classCode());
        return PciClass.description(pciClass).orElseGet(() -> "Class %04d".formatted(pciClass));
    }

    private static String bar(PciFunctionFacts.Range bar) {
        long start = bar.address().orElse(NOWHERE);
        long end = start + bar.size() - 1;
        if (bar.isPorts()) {
            return "      BAR%d: I/O at 0x%04x [0x%04x].\n".formatted(bar.index(), start, end);
        }
        return "      BAR%d: %d bit%s memory at 0x%08x [0x%08x].\n".formatted(bar.index(), bar.isWide() ? 64 : 32,
                bar.isPrefetchable() ? " prefetchable" : "", start, end);
    }

    private static String id(DeviceFacts device) {
        return device.config().map(config -> config.properties().id()).orElse("");
    }

    private String devices() {
        List<DeviceFacts> all = facts().devices();
        StringBuilder text = new StringBuilder("bus: main-system-bus\n  type System\n");
        all.stream().filter(device -> device.pci().isEmpty() && bus(device) != Bus.ISA)
                .forEach(device -> text.append(device(device, "  ")));
        text.append("  dev: isa, id \"\"\n    bus: isa.0\n      type ISA\n");
        all.stream().filter(device -> bus(device) == Bus.ISA)
                .forEach(device -> text.append(device(device, "      ")));
        if (all.stream().anyMatch(device -> device.pci().isPresent())) {
            text.append("  dev: i440FX-pcihost, id \"\"\n    bus: pci.0\n      type PCI\n");
            all.stream().filter(device -> device.pci().isPresent())
                    .forEach(device -> text.append(device(device, "      ")));
        }
        return text.toString();
    }

    private static Bus bus(DeviceFacts device) {
        return device.config().map(config -> config.type().bus()).orElse(Bus.NONE);
    }

    private static String device(DeviceFacts device, String indent) {
        StringBuilder text = new StringBuilder();
        text.append(indent).append("dev: ").append(device.config().map(DeviceConfig::driver).orElse(device.name()))
                .append(", id \"").append(id(device)).append("\"\n");
        device.config().ifPresent(config -> {
            for (Property<?> property : config.type().properties()) {
                Optional<Object> value = Optional.ofNullable(config.properties().values().get(property));
                value.or(property::absent).ifPresent(set -> text.append(indent).append("  ").append(property.name())
                        .append(" = ").append(PropertyText.of(property, set)).append('\n'));
            }
        });
        device.pci().ifPresent(function -> text.append(function(function, indent + "  ")));
        return text.toString();
    }

    private static String function(PciFunctionFacts function, String indent) {
        StringBuilder text = new StringBuilder(indent).append("class %s, addr 00:%02x.%x, pci id %04x:%04x"
                .formatted(name(function), function.slot(), function.function(), function.vendor(),
                        function.device()));
        text.append(" (sub %04x:%04x)\n".formatted(function.subsystemVendor(), function.subsystem()));
        for (PciFunctionFacts.Range bar : function.bars()) {
            long start = bar.address().orElse(NOWHERE);
            text.append(indent).append("bar %d: %s at 0x%x [0x%x]\n".formatted(bar.index(),
                    bar.isPorts() ? "i/o" : "mem", start, start + bar.size() - 1));
        }
        return text.toString();
    }

    private String roms() {
        StringBuilder text = new StringBuilder();
        String name = session.machine().config().boot().firmware().rom().map(file -> file.getFileName().toString())
                .orElse("");
        facts().memory().stream().filter(range -> range.kind() == MemoryRange.Kind.ROM).forEach(range ->
                text.append("addr=%016x size=0x%06x mem=rom name=\"%s\"\n".formatted(range.range().start(),
                        range.range().end() - range.range().start(), name)));
        return text.toString();
    }
}
