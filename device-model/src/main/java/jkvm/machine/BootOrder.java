package jkvm.machine;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import jkvm.device.pci.PciBus;

/**
 * The devices that {@code bootindex=} puts in front of all others, by the Open Firmware paths that QEMU gives them and
 * SeaBIOS looks for.
 */
final class BootOrder {
    /** After the devices in the list, firmware tries no others. */
    private static final String HALT = "HALT";
    private static final String PCI_ROOT = "/pci@i0cf8";

    private final Map<Integer, String> paths = new TreeMap<>();

    /** What a device is in a path: on its bus, and the unit of it that is booted from. */
    private record Names(String device, String unit) {
        static Names of(DeviceConfig config) {
            return switch (config) {
                case DeviceConfig.Nic _ -> new Names("ethernet", "ethernet-phy@0");
                case DeviceConfig.VirtioBlock _ -> new Names("scsi", "disk@0,0");
                case DeviceConfig.PciTestdev _, DeviceConfig.VirtioRng _, DeviceConfig.VirtioConsole _ ->
                        throw new IllegalArgumentException("nothing boots from " + config.driver());
            };
        }
    }

    /**
     * Adds a PCI device, if it has a number.
     *
     * @param address slot and function as {@code slot * 8 + function}
     */
    void addPci(DeviceConfig config, int address) {
        config.bootIndex().ifPresent(index -> {
            Names names = Names.of(config);
            int function = address % PciBus.FUNCTIONS;
            paths.put(index, "%s/%s@%x%s/%s".formatted(PCI_ROOT, names.device, address / PciBus.FUNCTIONS,
                    function == 0 ? "" : ",%x".formatted(function), names.unit));
        });
    }

    /**
     * Adds a virtio device with memory-mapped registers, if it has a number.
     *
     * @param address guest physical
     */
    void addMmio(DeviceConfig config, long address) {
        config.bootIndex().ifPresent(index ->
                paths.put(index, "/virtio-mmio@%016x/%s".formatted(address, Names.of(config).unit)));
    }

    /**
     * The content of the file {@code bootorder}: a path a line, with a zero behind the last; none if it would be empty.
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
        return Optional.of((String.join("\n", lines) + "\0").getBytes(StandardCharsets.US_ASCII));
    }
}
