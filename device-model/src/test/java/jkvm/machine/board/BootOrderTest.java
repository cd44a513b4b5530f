package jkvm.machine.board;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import jkvm.device.board.DeviceType;
import jkvm.device.e1000.E1000Type;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.device.virtio.net.VirtioNetType;
import jkvm.device.virtio.rng.VirtioRngType;
import jkvm.machine.config.DeviceConfig;
import org.junit.jupiter.api.Test;

/** The paths are those that QEMU 7.2 puts into its fw_cfg for the same devices. */
class BootOrderTest {
    private final BootOrder order = new BootOrder();

    private static DeviceConfig device(DeviceType type) {
        return DeviceConfig.of(type);
    }

    private static DeviceConfig device(DeviceType type, int bootIndex) {
        return device(type).with(DeviceType.BOOT_INDEX, bootIndex);
    }

    private String file(boolean strict) {
        return order.file(strict).map(bytes -> new String(bytes, StandardCharsets.US_ASCII)).orElseThrow();
    }

    @Test
    void shouldListDevicesByTheirNumbers() {
        order.addPci(device(VirtioBlockType.PCI, 3), 2 << 3);
        order.addPci(device(E1000Type.TYPE, 1), 3 << 3);
        order.addPci(device(VirtioNetType.PCI, 2), 0x12 << 3 | 3);
        order.addPci(device(E1000Type.TYPE), 4 << 3);
        order.addPci(device(VirtioRngType.PCI), 5 << 3);
        assertEquals("/pci@i0cf8/ethernet@3/ethernet-phy@0\n/pci@i0cf8/ethernet@12,3/ethernet-phy@0\n"
                + "/pci@i0cf8/scsi@2/disk@0,0\0", file(false));
    }

    @Test
    void shouldEndWithAStopIfNothingElseIsToBeTried() {
        order.addPci(device(E1000Type.TYPE, 1), 3 << 3);
        assertEquals("/pci@i0cf8/ethernet@3/ethernet-phy@0\nHALT\0", file(true));
    }

    @Test
    void shouldBeNoFileWithoutNumbersStrictOrNot() {
        order.addPci(device(E1000Type.TYPE), 3 << 3);
        assertEquals(Optional.empty(), order.file(true));
    }

    @Test
    void shouldTellFirmwareWhatABiosSaysOfDisksGeometries() {
        order.addPci(device(VirtioBlockType.PCI), 2 << 3);
        assertEquals(0, order.geometryFile().length);
        order.addPci(device(VirtioBlockType.PCI).with(VirtioBlockType.BIOS_GEOMETRY.get(0), 100)
                .with(VirtioBlockType.BIOS_GEOMETRY.get(1), 4).with(VirtioBlockType.BIOS_GEOMETRY.get(2), 17), 3 << 3);
        assertEquals("/pci@i0cf8/scsi@3/disk@0,0 100 4 17\0",
                new String(order.geometryFile(), StandardCharsets.US_ASCII));
    }

    @Test
    void shouldNameDevicesOfAMicrovmByTheirAddress() {
        order.addMmio(device(VirtioBlockType.MMIO, 0), 0xFEB00200L);
        assertEquals("/virtio-mmio@00000000feb00200/disk@0,0\0", file(false));
    }
}
