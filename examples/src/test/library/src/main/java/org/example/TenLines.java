package org.example;

import java.util.HexFormat;
import jkvm.control.guest.Guest;
import jkvm.device.testdev.IsaDebugExitType;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;

/** Runs a guest that writes A to its console and ends with 3 * 2 + 1. */
final class TenLines {
    public static void main(String[] args) {
        MachineConfig config = MachineConfig.builder().memory(1 << 20).console().entry(0x1000)
                .device(DeviceConfig.of(IsaDebugExitType.TYPE).with(IsaDebugExitType.PORT, 0xF4)).build();
        try (Guest guest = Guest.of(config)) {
            guest.write(0x1000, HexFormat.of().parseHex("baf803b041eeb003e6f4"));
            System.out.println(guest.start().awaitOutput("A") + guest.awaitEnd().status());
        }
    }
}
