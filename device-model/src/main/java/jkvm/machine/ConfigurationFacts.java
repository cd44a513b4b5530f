package jkvm.machine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.device.board.DeviceType;
import jkvm.device.board.Property;
import jkvm.device.pci.PciFunctionFacts;
import jkvm.device.platform.VmGenerationIdType;
import jkvm.machine.board.MachineBoard;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.cpu.CpuModel;
import jkvm.machine.facts.DeviceFacts;
import jkvm.machine.snapshot.MachineConfiguration;

/**
 * The facts in which two machines agree if one of them can take over the state of the other.
 *
 * <p>A property that a later version adds is no fact where it has its default, so that states of earlier versions fit.
 */
final class ConfigurationFacts {
    private ConfigurationFacts() {
    }

    static MachineConfiguration of(MachineConfig config, CpuModel cpu, MachineBoard board) {
        MachineConfiguration.Builder facts = new MachineConfiguration.Builder()
                .fact("machine type", config.platform().type())
                .fact("bytes of memory", board.guestMemory().size())
                .fact("CPUs", config.platform().cpus())
                .fact("time", config.time().counting().map(counting -> "counted in instructions of "
                        + (1 << counting.shift()) + " ns").orElse("of the host"))
                .fact("interval timer", config.platform().pit() ? "on" : "off")
                .fact("CPU features", cpu.features())
                .fact("CPUID", cpu.registers());
        board.firmware().ifPresent(firmware -> facts.fact("firmware", firmware));
        for (DeviceFacts device : board.facts().devices()) {
            facts.fact(MachineSaver.DEVICE + device.name(), device(device));
        }
        return facts.build();
    }

    private static List<String> device(DeviceFacts device) {
        List<String> values = new ArrayList<>();
        values.add(device.config().map(DeviceConfig::driver).orElse("part of the board"));
        device.pci().ifPresent(function -> addFunction(function, values));
        device.config().ifPresent(config -> addProperties(config, values));
        return values;
    }

    private static void addFunction(PciFunctionFacts function, List<String> values) {
        // Without a format, whose classes cost a restored guest more time than all the rest here.
        HexFormat hex = HexFormat.of();
        values.add("addr=" + hex.toHexDigits((byte) function.slot()) + "." + Integer.toHexString(function.function()));
        values.add("pci id " + hex.toHexDigits((short) function.vendor()) + ":"
                + hex.toHexDigits((short) function.device()));
        for (PciFunctionFacts.Range bar : function.bars()) {
            values.add("bar " + bar.index() + " of 0x" + Long.toHexString(bar.size())
                    + (bar.isPorts() ? " ports" : " bytes") + (bar.isWide() ? " in 64 bits" : ""));
        }
    }

    private static void addProperties(DeviceConfig config, List<String> values) {
        config.properties().values().entrySet().stream()
                .filter(entry -> isGuestVisible(entry.getKey()))
                .filter(entry -> !Optional.of(entry.getValue()).equals(entry.getKey().absent()))
                .sorted(Comparator.comparing((Map.Entry<Property<?>, Object> entry) -> entry.getKey().name()))
                .forEach(entry -> values.add(entry.getKey() + "=" + text(entry.getValue())));
    }

    /** False for the host's, for what a copy has of its own (network addresses, generation ID), for the boot order. */
    private static boolean isGuestVisible(Property<?> property) {
        return switch (property.kind()) {
            case NUMBER -> property != DeviceType.BOOT_INDEX;
            case TEXT -> property != VmGenerationIdType.GUID;
            case ADDRESS, FLAG, CHOICE -> true;
            case MAC, FILE, CHARDEV, DRIVE, NETDEV, OBJECT, FIXED, REFUSED, PCI_ADDRESS -> false;
        };
    }

    private static String text(Object value) {
        return value instanceof Boolean flag ? flag ? "on" : "off" : value.toString();
    }
}
