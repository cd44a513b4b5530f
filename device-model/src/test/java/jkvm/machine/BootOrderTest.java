package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import jkvm.app.options.QemuOptions;
import org.junit.jupiter.api.Test;

/** The paths are those that QEMU 7.2 puts into its fw_cfg for the same devices. */
class BootOrderTest {
    private static final String DRIVE = " -drive if=none,id=d,file=a.raw";
    private final BootOrder order = new BootOrder();

    private static DeviceConfig device(String line) {
        return QemuOptions.parse(List.of(("-device " + line).split(" "))).devices().getFirst();
    }

    private String file(boolean strict) {
        return order.file(strict).map(bytes -> new String(bytes, StandardCharsets.US_ASCII)).orElseThrow();
    }

    @Test
    void shouldListDevicesByTheirNumbers() {
        order.addPci(device("virtio-blk-pci,drive=d,bootindex=3" + DRIVE), 2 << 3);
        order.addPci(device("e1000,bootindex=1"), 3 << 3);
        order.addPci(device("virtio-net-pci,bootindex=2"), 0x12 << 3 | 3);
        order.addPci(device("e1000"), 4 << 3);
        order.addPci(device("virtio-rng-pci"), 5 << 3);
        assertEquals("/pci@i0cf8/ethernet@3/ethernet-phy@0\n/pci@i0cf8/ethernet@12,3/ethernet-phy@0\n"
                + "/pci@i0cf8/scsi@2/disk@0,0\0", file(false));
    }

    @Test
    void shouldEndWithAStopIfNothingElseIsToBeTried() {
        order.addPci(device("e1000,bootindex=1"), 3 << 3);
        assertEquals("/pci@i0cf8/ethernet@3/ethernet-phy@0\nHALT\0", file(true));
    }

    @Test
    void shouldBeNoFileWithoutNumbersStrictOrNot() {
        order.addPci(device("e1000"), 3 << 3);
        assertEquals(Optional.empty(), order.file(true));
    }

    @Test
    void shouldNameDevicesOfAMicrovmByTheirAddress() {
        order.addMmio(device("virtio-blk-device,drive=d,bootindex=0" + DRIVE), 0xFEB00200L);
        assertEquals("/virtio-mmio@00000000feb00200/disk@0,0\0", file(false));
    }
}
