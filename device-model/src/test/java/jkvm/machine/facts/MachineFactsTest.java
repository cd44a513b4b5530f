package jkvm.machine.facts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import jkvm.bus.AddressRange;
import jkvm.device.board.PciPlace;
import jkvm.device.e1000.E1000Type;
import jkvm.device.pci.PciFunctionFacts;
import jkvm.device.testdev.IsaDebugExitType;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.config.BootConfig;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerators;
import org.junit.jupiter.api.Test;

class MachineFactsTest {
    private static final long MEMORY = 16 << 20;

    private static MachineFacts facts() {
        MachineConfig config = MachineConfig.builder().memory(MEMORY)
                .loader(new BootConfig.Loader(Optional.empty(), OptionalLong.of(0x100000), OptionalInt.of(0), false))
                .device(DeviceConfig.of(IsaDebugExitType.TYPE).with(IsaDebugExitType.PORT, 0xf4))
                .device(DeviceConfig.of(E1000Type.TYPE).with(PciPlace.ADDRESS, 5 * 8).withId("card")).build();
        try (Machine machine = new MachineBuilder(config, Accelerators.open("soft").syscalls(), _ -> null).build()) {
            return machine.facts();
        }
    }

    @Test
    void shouldTellWhereRamChipsAndRegistersAre() {
        List<MemoryRange> memory = facts().memory();

        assertEquals(new MemoryRange(new AddressRange(0, MEMORY), MemoryRange.Kind.RAM, ""), memory.getFirst());
        assertTrue(memory.contains(new MemoryRange(new AddressRange(0xFEC00000L, 0x1000), MemoryRange.Kind.CHIP,
                "ioapic")), memory.toString());
        assertTrue(memory.stream().anyMatch(range -> range.owner().equals("card")
                && range.kind() == MemoryRange.Kind.REGISTERS && range.range().length() == 0x20000),
                memory.toString());
    }

    @Test
    void shouldTellWhosePortsThereAre() {
        List<PortRange> ports = facts().ports();

        assertTrue(ports.contains(new PortRange(new AddressRange(0xf4, 2), "debug-exit-f4")), ports.toString());
        assertTrue(ports.contains(new PortRange(new AddressRange(0x64, 1), "i8042")), ports.toString());
    }

    @Test
    void shouldTellADevicesTypePropertiesAndPlace() {
        DeviceFacts card = facts().devices().stream().filter(device -> device.name().equals("card")).findFirst()
                .orElseThrow();

        assertEquals(E1000Type.TYPE, card.config().orElseThrow().type());
        PciFunctionFacts pci = card.pci().orElseThrow();
        assertEquals(List.of(5, 0, 0x8086, 0x100e, 0x020000, 1), List.of(pci.slot(), pci.function(), pci.vendor(),
                pci.device(), pci.classCode(), pci.pin()));
        assertEquals(List.of(0, 1), pci.bars().stream().map(PciFunctionFacts.Range::index).limit(2).toList());
        assertTrue(pci.bars().getFirst().address().isPresent());
    }
}
