package jkvm.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import jkvm.device.board.DeviceType;
import jkvm.device.board.Property;
import jkvm.device.e1000.E1000Type;
import jkvm.device.testdev.IsaDebugExitType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DeviceTypesTest {
    private final DeviceTypes types = DeviceTypes.builtIn();

    static Stream<DeviceType> all() {
        return DeviceTypes.builtIn().all().stream();
    }

    @Test
    void shouldFindATypeByItsNameAndByItsAliases() {
        assertEquals(Optional.of(E1000Type.TYPE), types.find("e1000"));
        assertEquals(Optional.of(E1000Type.TYPE), types.find("e1000-82540em"));
        assertEquals("virtio-net-pci", types.find("virtio-net").orElseThrow().name());
        assertEquals(Optional.empty(), types.find("e1001"));
    }

    @Test
    void shouldNameEachTypeOnce() {
        List<String> names = new ArrayList<>();
        types.all().forEach(type -> {
            names.add(type.name());
            names.addAll(type.aliases());
        });
        assertEquals(names.size(), new HashSet<>(names).size(), names::toString);
    }

    @ParameterizedTest
    @MethodSource("all")
    void shouldDescribeEachPropertyOnce(DeviceType type) {
        List<String> names = type.properties().stream().map(Property::name).toList();
        assertEquals(names.size(), new HashSet<>(names).size(), names::toString);
        assertTrue(type.help().lines().allMatch(line -> line.length() <= 120), type.help());
        // QEMU describes none of these.
        assertEquals(type.name().matches("qemu-xhci|usb-.*|vmgenid|ich9-ahci"), type.description().isEmpty());
    }

    /** The first lines of QEMU's own list have this form. */
    @Test
    void shouldListTypesByCategoryAsQemuDoes() {
        String help = types.help();
        assertTrue(help.contains("\n\nStorage devices:\nname \"floppy\", bus floppy-bus, desc "), help);
        assertTrue(help.contains("\n\nNetwork devices:\nname \"e1000\", bus PCI, alias \"e1000-82540em\", desc "),
                help);
        assertTrue(help.contains("\nname \"loader\", desc "), help);
    }

    @Test
    void shouldListATypesPropertiesAsQemuDoes() {
        assertEquals("""
                isa-debug-exit options:
                  iobase=<uint16>        - first I/O port (default: 1281)
                  iosize=<uint8>         - number of I/O ports (default: 2)
                """, IsaDebugExitType.TYPE.help());
        assertEquals("There are no options for pc-testdev.\n", types.find("pc-testdev").orElseThrow().help());
    }
}
