package jkvm.machine.board;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import jkvm.device.board.BootPath;
import jkvm.device.pci.PciBus;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.machine.config.DeviceConfig;

/**
 * The devices that {@code bootindex=} puts in front of all others, by the Open Firmware paths that QEMU gives them and
 * SeaBIOS looks for.
 */
final class BootOrder {
    /** After the devices in the list, firmware tries no others. */
    private static final String HALT = "HALT";
    private static final String PCI_ROOT = "/pci@i0cf8";

    private final Map<Integer, String> paths = new TreeMap<>();
    private final List<String> geometries = new ArrayList<>();

    /**
     * Adds a PCI device, if it has a number or a geometry.
     *
     * @param address slot and function as {@code slot * 8 + function}
     */
    void addPci(DeviceConfig config, int address) {
        int function = address % PciBus.FUNCTIONS;
        Supplier<String> path = () -> "%s/%s@%x%s/%s".formatted(PCI_ROOT, bootPath(config).device(),
                address / PciBus.FUNCTIONS, function == 0 ? "" : ",%x".formatted(function), bootPath(config).unit());
        config.bootIndex().ifPresent(index -> paths.put(index, path.get()));
        List<Integer> geometry = VirtioBlockType.BIOS_GEOMETRY.stream()
                .map(property -> config.properties().find(property).orElse(0)).toList();
        if (geometry.stream().anyMatch(number -> number != 0)) {
            geometries.add(path.get() + " " + geometry.stream().map(String::valueOf).collect(Collectors.joining(" ")));
        }
    }

    /**
     * Adds a virtio device with memory-mapped registers, if it has a number.
     *
     * @param address guest physical
     */
    void addMmio(DeviceConfig config, long address) {
        config.bootIndex().ifPresent(index ->
                paths.put(index, "/virtio-mmio@%016x/%s".formatted(address, bootPath(config).unit())));
    }

    /**
     * Adds a drive that is plugged into a controller, if it has a number.
     *
     * @param path from the PCI bus to the drive, or with a slash in front from the root
     */
    void addUnit(DeviceConfig config, String path) {
        config.bootIndex().ifPresent(index ->
                paths.put(index, path.startsWith("/") ? path : PCI_ROOT + "/" + path));
    }

    private static BootPath bootPath(DeviceConfig config) {
        return config.type().bootPath().orElseThrow();
    }

    /**
     * The content of the file {@code bootorder}: a path a line, with a zero after the last; none if it would be empty.
     *
     * @param strict true if firmware is to try no other devices; in QEMU an empty list does not stop it either
     */
    Optional<byte[]> file(boolean strict) {
        if (paths.isEmpty()) {
            return Optional.empty();
        }
        List<String> lines = new ArrayList<>(paths.values());
        if (strict) {
            lines.add(HALT);
        }
        return Optional.of(content(lines));
    }

    /** The content of the file {@code bios-geometry}: the cylinders, heads and sectors that a BIOS tells of a disk. */
    byte[] geometryFile() {
        return geometries.isEmpty() ? new byte[0] : content(geometries);
    }

    private static byte[] content(List<String> lines) {
        return (String.join("\n", lines) + "\0").getBytes(StandardCharsets.US_ASCII);
    }
}
