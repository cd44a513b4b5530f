package jkvm.tables;

import java.util.ArrayList;
import java.util.List;

/**
 * Hot-plug of PCI devices in ACPI's namespace (ACPI 6.4 sections 5.6.4, 6.1.11 and 6.3.3): event 1 of the
 * general-purpose block looks at the controller's registers and tells the guest's system in which slots devices came,
 * and which it is to give up; it ejects a device by writing its slot's bit. The registers are those that QEMU's {@code
 * docs/specs/acpi_pci_hotplug} describes, and the names its.
 */
final class HotplugAml {
    private static final int FIRST_SLOT = 2;
    private static final int SLOTS = 32;
    private static final int DEVICE_CHECK = 1;
    private static final int EJECT_REQUEST = 3;
    private static final String LOCK = "BLCK";
    private static final String BUS = "BNUM";

    private HotplugAml() {
    }

    /** The part inside the host bridge: registers, slots after the chipset's, methods. */
    static byte[][] slots() {
        List<byte[]> terms = new ArrayList<>();
        terms.add(AmlCode.ports("PCST", PlatformDescription.PCI_HOTPLUG_PORT, "PCIU", "PCID", "B0EJ", "RMVC", BUS));
        terms.add(AmlCode.mutex(LOCK));
        terms.add(AmlCode.method("PCEJ", 1, AmlCode.holding(LOCK, AmlCode.store(Aml.integer(0), BUS),
                AmlCode.store(AmlCode.shiftLeft(Aml.integer(1), AmlCode.ARG0), "B0EJ"))));
        List<byte[]> notices = new ArrayList<>();
        for (int slot = FIRST_SLOT; slot < SLOTS; slot++) {
            String name = "S%02X".formatted(slot << 3);
            terms.add(Aml.device(name, Aml.name("_ADR", Aml.integer(slot << 16)), Aml.name("_SUN", Aml.integer(slot)),
                    AmlCode.method("_EJ0", 1, AmlCode.call("PCEJ", AmlCode.call("_SUN")))));
            notices.add(AmlCode.when(AmlCode.and(AmlCode.ARG0, Aml.integer(1 << slot)),
                    AmlCode.tell(name, AmlCode.ARG1)));
        }
        terms.add(AmlCode.method("DVNT", 2, notices.toArray(byte[][]::new)));
        terms.add(AmlCode.method("PCNT", 0, AmlCode.store(Aml.integer(0), BUS),
                AmlCode.call("DVNT", AmlCode.call("PCIU"), Aml.integer(DEVICE_CHECK)),
                AmlCode.call("DVNT", AmlCode.call("PCID"), Aml.integer(EJECT_REQUEST))));
        return terms.toArray(byte[][]::new);
    }

    /** The handler of the event. */
    static byte[] event() {
        return Aml.scope("\\_GPE", AmlCode.method("_E01", 0,
                AmlCode.holding("\\_SB.PCI0." + LOCK, AmlCode.call("\\_SB.PCI0.PCNT"))));
    }

    /** The devices that keep the ports of both from others. */
    static byte[][] resources() {
        return new byte[][] {
            ports("GPE0", "GPE0 resources", PlatformDescription.GPE0_PORT, PlatformDescription.GPE0_PORTS),
            ports("PHPR", "PCI Hotplug resources", PlatformDescription.PCI_HOTPLUG_PORT,
                    PlatformDescription.PCI_HOTPLUG_PORTS)};
    }

    private static byte[] ports(String name, String uid, int port, int count) {
        return Aml.device(name, Aml.name("_HID", Aml.eisaId("PNP0A06")), Aml.name("_UID", Aml.string(uid)),
                Aml.name("_CRS", Aml.resources(Aml.io(port, count))));
    }
}
