package jkvm.device.pci;

import java.util.List;
import java.util.OptionalLong;

/**
 * A function on the PCI bus as its configuration space tells it at one moment.
 *
 * @param slot      0 to 31
 * @param function  0 to 7
 * @param classCode class, subclass and programming interface: 24 bits
 * @param pin       1 to 4 for INTA to INTD; 0 for none
 * @param line      the interrupt that firmware or the guest has noted
 * @param bars      those that exist, in ascending order
 */
public record PciFunctionFacts(int slot, int function, int vendor, int device, int classCode, int revision,
        int subsystemVendor, int subsystem, int pin, int line, List<Range> bars) {

    /**
     * A base address register's range.
     *
     * @param index   0 to 5, or 6 for the expansion ROM
     * @param size    in ports or bytes
     * @param address empty while the guest has it nowhere, or has it switched off
     */
    public record Range(int index, long size, boolean isPorts, boolean isWide, boolean isPrefetchable,
            OptionalLong address) {
    }

    public PciFunctionFacts {
        bars = List.copyOf(bars);
    }
}
