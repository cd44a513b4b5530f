package jkvm.examples;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import jkvm.control.guest.Guest;
import jkvm.device.testdev.IsaDebugExitType;
import jkvm.device.virtio.rng.VirtioRngType;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.MachineType;

/**
 * Lesson 20: a virtqueue from the driver's side. Virtio devices are made for virtual machines: driver and device share
 * three tables in guest memory, and a request costs one write to a register. The guest (virtqueue.S) asks the simplest
 * one for random bytes; the lesson shows the tables afterwards. The machine is a whole one, with a {@link Guest} to
 * hold it.
 */
public final class Lesson20Virtqueue {
    // Where the guest has chosen to put them.
    private static final long DESCRIPTORS = 0x200000;
    private static final long AVAILABLE = 0x201000;
    private static final long USED = 0x202000;

    private Lesson20Virtqueue() {
    }

    public static void main(String[] args) throws IOException {
        // A microvm has no PCI: its virtio devices are registers at 0xfeb00000.
        MachineConfig config = MachineConfig.builder().type(MachineType.MICROVM).memory(8 << 20).console()
                .kernel(GuestImage.file("virtqueue"))
                .device(DeviceConfig.of(VirtioRngType.MMIO))
                .device(DeviceConfig.of(IsaDebugExitType.TYPE).with(IsaDebugExitType.PORT, 0xf4)).build();
        try (Guest guest = Guest.builder(config).accelerator(LessonAccelerator.open(args)).build()) {
            guest.start().awaitEnd(Duration.ofSeconds(10));
            System.out.print(guest.output());

            ByteBuffer descriptor = table(guest, DESCRIPTORS);
            System.out.printf("descriptor 0: address 0x%x, length %d, flags %d%n", descriptor.getLong(0),
                    descriptor.getInt(8), descriptor.getShort(12));
            ByteBuffer available = table(guest, AVAILABLE);
            System.out.printf("available: index %d, descriptor %d%n", available.getShort(2), available.getShort(4));
            ByteBuffer used = table(guest, USED);
            System.out.printf("used: index %d, descriptor %d, length %d%n", used.getShort(2), used.getInt(4),
                    used.getInt(8));
        }
    }

    private static ByteBuffer table(Guest guest, long address) {
        return ByteBuffer.wrap(guest.read(address, 16)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
