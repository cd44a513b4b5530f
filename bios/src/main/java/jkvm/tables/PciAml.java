package jkvm.tables;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jkvm.tables.PlatformDescription.PciHost;

/** The PCI host bridge in ACPI's namespace: what it passes on, and where interrupt pins lead. */
final class PciAml {
    private static final int SLOTS = 32;
    private static final int PINS = 4;
    private static final int CONFIG_PORTS_START = 0xCF8;
    private static final int CONFIG_PORTS_END = 0xD00;
    private static final int IO_END = 0x10000;
    private static final int BUSES = 0x100;
    private static final int ANY_FUNCTION = 0xFFFF;

    private PciAml() {
    }

    /** @param hotplug terms inside the bridge for the hot-plug of its devices; none without */
    static byte[] hostBridge(PciHost host, byte[]... hotplug) {
        byte[] resources = Aml.resources(Aml.wordSpace(Aml.BUS_NUMBERS, 0, BUSES),
                Aml.io(CONFIG_PORTS_START, CONFIG_PORTS_END - CONFIG_PORTS_START),
                Aml.wordSpace(Aml.IO_SPACE, 0, CONFIG_PORTS_START),
                Aml.wordSpace(Aml.IO_SPACE, CONFIG_PORTS_END, IO_END),
                Aml.memorySpace(host.memoryStart(), host.memoryEnd()),
                host.hasWideMemory() ? Aml.wideMemorySpace(host.wideStart(), host.wideEnd()) : new byte[0]);
        List<byte[]> terms = new ArrayList<>(List.of(Aml.name("_HID", Aml.eisaId("PNP0A03")),
                Aml.name("_ADR", Aml.integer(0)), Aml.name("_UID", Aml.integer(0)), Aml.name("_CRS", resources),
                Aml.name("_PRT", routes(host))));
        terms.addAll(List.of(hotplug));
        return Aml.device("PCI0", terms.toArray(byte[][]::new));
    }

    /** For each pin of each slot its GSI (ACPI 6.4 section 6.2.13, the form without link devices). */
    private static byte[] routes(PciHost host) {
        List<byte[]> routes = new ArrayList<>();
        byte[][] pins = new byte[PINS][];
        Arrays.setAll(pins, Aml::integer);
        for (int slot = 0; slot < SLOTS; slot++) {
            byte[] functions = Aml.integer(slot << 16 | ANY_FUNCTION);
            for (int pin = 0; pin < PINS; pin++) {
                routes.add(Aml.packageOf(functions, pins[pin], pins[0], Aml.integer(host.gsi(slot, pin + 1))));
            }
        }
        return Aml.packageOf(routes.toArray(byte[][]::new));
    }
}
