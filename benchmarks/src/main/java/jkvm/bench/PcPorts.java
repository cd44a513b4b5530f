package jkvm.bench;

import jkvm.bus.AddressRange;
import jkvm.bus.AddressSpace;
import jkvm.bus.IoHandler;

/** A PC's port space with a device of interest in it and others where a PC has them. */
final class PcPorts {
    static final int DEVICE_PORT = 0x3F8;
    private static final int DEVICE_PORTS = 8;
    /** First port and number of ports: keyboard, clock, POST, port 92, COM2-4, fw_cfg, ACPI, reset and others. */
    private static final int[][] OTHERS = {{0x60, 1}, {0x64, 1}, {0x70, 2}, {0x80, 1}, {0x92, 1}, {0xE9, 1}, {0x2E8, 8},
            {0x2F8, 8}, {0x3E8, 8}, {0x402, 1}, {0x510, 2}, {0x600, 12}, {0xCF8, 4}, {0xCF9, 1}, {0xCFC, 4}};

    private PcPorts() {
    }

    static AddressSpace with(IoHandler device) {
        AddressSpace ports = new AddressSpace("port");
        for (int[] range : OTHERS) {
            ports.add(new AddressRange(range[0], range[1]), new CountingDevice());
        }
        ports.add(new AddressRange(DEVICE_PORT, DEVICE_PORTS), device);
        return ports;
    }
}
