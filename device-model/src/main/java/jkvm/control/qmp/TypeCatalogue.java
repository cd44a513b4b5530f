package jkvm.control.qmp;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.device.board.DeviceType;
import jkvm.device.board.Property;
import jkvm.json.Json;
import jkvm.machine.config.MachineName;
import jkvm.machine.cpu.CpuDefinitions;
import jkvm.soft.Accelerator;

/** The types of objects that there are, with QEMU's names and their parents. Made when it is asked for. */
final class TypeCatalogue {
    private static final String OBJECT = "object";
    /** Abstract types and their parents. */
    private static final Map<String, String> ABSTRACT = Map.ofEntries(
            Map.entry("device", OBJECT),
            Map.entry("pci-device", "device"),
            Map.entry("isa-device", "device"),
            Map.entry("virtio-serial-port", "device"),
            Map.entry("virtio-mmio-device", "device"),
            Map.entry("ide-device", "device"),
            Map.entry("scsi-device", "device"),
            Map.entry("cpu", "device"),
            Map.entry("x86_64-cpu", "cpu"),
            Map.entry("usb-device", "device"),
            Map.entry("memory-backend", OBJECT),
            Map.entry("rng-backend", OBJECT),
            Map.entry("netfilter", OBJECT),
            Map.entry("tls-creds", OBJECT),
            Map.entry("machine", OBJECT),
            Map.entry("accel", OBJECT));

    private static final String MACHINE = "-machine";
    /** Of {@code -machine}, as far as they have an effect; with their types. */
    private static final Map<String, String> MACHINE_PROPERTIES = Map.of("kernel", "string", "initrd", "string",
            "append", "string", "firmware", "string", "memory-backend", "link<memory-backend>", "mem-merge", "bool",
            "dump-guest-core", "bool", "graphics", "bool", "acpi", "OnOffAuto", "pit", "OnOffAuto");

    private final QmpFacts facts;
    private final Map<String, Map<String, String>> objects;
    private final List<Type> types = new ArrayList<>();

    /** @param parent empty for the root */
    record Type(String name, boolean isAbstract, String parent) {
    }

    /** A property of a type. */
    record TypeProperty(String name, String type, String description, Optional<Json> absent) {
    }

    /** @param objects types that users make objects of, and their properties with the types of these */
    TypeCatalogue(QmpFacts facts, Map<String, Map<String, String>> objects) {
        this.facts = facts;
        this.objects = objects;
        for (DeviceType device : facts.types().all()) {
            types.add(new Type(device.name(), false, parent(device)));
        }
        objects.keySet().forEach(name -> types.add(new Type(name, false, parent(name))));
        for (MachineName machine : MachineName.all()) {
            types.add(new Type(machine.name() + MACHINE, false, "machine"));
        }
        types.add(new Type(CpuCommands.typeName("host"), false, CpuCommands.TARGET + "-cpu"));
        types.add(new Type(CpuCommands.typeName("max"), false, CpuCommands.TARGET + "-cpu"));
        CpuDefinitions.read().names().forEach(name ->
                types.add(new Type(CpuCommands.typeName(name), false, CpuCommands.TARGET + "-cpu")));
        if (facts.hasKvm()) {
            types.add(new Type(Accelerator.Kind.KVM.text() + "-accel", false, "accel"));
        }
        types.add(new Type("tcg-accel", false, "accel"));
        ABSTRACT.forEach((name, parent) -> types.add(new Type(name, true, parent)));
    }

    private static String parent(String object) {
        for (String parent : List.of("memory-backend", "tls-creds")) {
            if (object.startsWith(parent)) {
                return parent;
            }
        }
        return object.startsWith("rng-") ? "rng-backend" : object.startsWith("filter-") ? "netfilter" : OBJECT;
    }

    private static String parent(DeviceType device) {
        return switch (device.bus()) {
            case ISA -> "isa-device";
            case PCI -> "pci-device";
            case IDE -> "ide-device";
            case VIRTIO_MMIO -> "virtio-mmio-device";
            case VIRTIO_SERIAL -> "virtio-serial-port";
            case USB -> "usb-device";
            case SCSI -> "scsi-device";
            case FLOPPY, NONE -> "device";
        };
    }

    /**
     * The types below one.
     *
     * @param ancestor     empty for all types
     * @param withAbstract true to list those that no object is made of
     */
    List<Type> list(Optional<String> ancestor, boolean withAbstract) {
        return types.stream().filter(type -> withAbstract || !type.isAbstract())
                .filter(type -> ancestor.isEmpty() || is(type, ancestor.get())).toList();
    }

    private static boolean is(Type type, String ancestor) {
        String name = type.name();
        for (String parent = type.parent(); !name.equals(ancestor); parent = ABSTRACT.getOrDefault(name, "")) {
            if (parent.isEmpty()) {
                return false;
            }
            name = parent;
        }
        return true;
    }

    Optional<Type> find(String name) {
        return types.stream().filter(type -> type.name().equals(name)).findFirst();
    }

    /** The properties of an object's or a machine's type; none for others that are no devices'. */
    List<TypeProperty> otherProperties(String typeName) {
        Map<String, String> properties = typeName.endsWith(MACHINE) ? MACHINE_PROPERTIES
                : objects.getOrDefault(typeName, Map.of());
        return properties.entrySet().stream().sorted(Map.Entry.comparingByKey())
                .map(each -> new TypeProperty(each.getKey(), each.getValue(), "", Optional.empty())).toList();
    }

    /** The properties of a device's type; empty for another type. */
    Optional<List<TypeProperty>> properties(String typeName) {
        return facts.types().find(typeName).map(type -> {
            List<TypeProperty> properties = new ArrayList<>();
            for (Property<?> property : type.properties()) {
                if (property.kind() != Property.Kind.REFUSED) {
                    properties.add(new TypeProperty(property.name(), property.typeName(), property.help(),
                            property.absent().map(value -> PropertyText.json(property, value))));
                }
            }
            return properties;
        });
    }
}
