package jkvm.device.ide;

import java.util.Random;
import jkvm.bus.StateRoundTrip;
import jkvm.device.pci.PciFunction;

/** A driver of an AHCI controller that does anything, some of which makes sense, by a seed. */
final class RandomAhciDriver {
    private static final int[] OPCODES = {0x06, 0x08, 0x20, 0x24, 0x25, 0x29, 0x30, 0x34, 0x35, 0x39, 0x40, 0x60, 0x60,
        0x61, 0x61, 0x90, 0xA0, 0xA1, 0xB0, 0xC4, 0xC5, 0xC6, 0xC8, 0xCA, 0xE5, 0xE7, 0xEA, 0xEC, 0xEF, 0xF8};
    private static final int[] PACKETS = {0x00, 0x03, 0x12, 0x1A, 0x1B, 0x25, 0x28, 0x43, 0x46, 0x4A, 0x51, 0x5A, 0xA8,
        0xBE};

    private final AhciFixture ahci;
    private final Random random;
    private final long seed;

    RandomAhciDriver(AhciFixture ahci, long seed) {
        this.ahci = ahci;
        this.random = new Random(seed);
        this.seed = seed;
        ahci.workers.hold();
    }

    void run(int count) {
        ahci.drives.disk.inRead = () -> {
            if (random.nextInt(8) == 0) {
                step();
            }
        };
        int done = 0;
        try {
            for (; done < count; done++) {
                step();
                ahci.drives.disk.calls.clear();
                ahci.drives.disc.calls.clear();
                ahci.messages.take();
            }
        } catch (RuntimeException e) {
            throw new AssertionError("seed %d, step %d".formatted(seed, done), e);
        }
    }

    private void step() {
        int port = random.nextInt(3);
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> command(port);
            case 3 -> ahci.issue(port, random.nextInt());
            case 4 -> ahci.start(port);
            case 5 -> ahci.port(port, random.nextInt(AhciPort.SIZE / 4) * 4, random.nextInt());
            case 6 -> ahci.write(random.nextInt(0x1000 / 4) * 4L,
                    random.nextInt(8) == 0 ? random.nextInt() : AhciHost.INTERRUPTS_BIT);
            case 7 -> ahci.read(random.nextInt(0x1000 / 4) * 4L);
            case 8 -> ahci.memory.writeInt(AhciFixture.LIST + random.nextInt(0x8000) / 4 * 4L, random.nextInt());
            case 9 -> rarely();
            default -> ahci.workers.run();
        }
    }

    private void command(int port) {
        int slot = random.nextInt(AhciSlots.COUNT);
        int opcode = random.nextInt(16) == 0 ? random.nextInt(256) : OPCODES[random.nextInt(OPCODES.length)];
        long[] regions = new long[2 * random.nextInt(6)];
        for (int i = 0; i < regions.length; i += 2) {
            regions[i] = random.nextInt(12) == 0 ? random.nextLong() : random.nextInt(AhciFixture.MEMORY_SIZE);
            regions[i + 1] = random.nextInt(8192);
        }
        boolean isQueued = opcode == 0x60 || opcode == 0x61;
        ahci.put(port, slot, opcode, random.nextInt(9), random.nextInt(AtaDrives.SECTORS + 8),
                isQueued ? slot << 3 : random.nextInt(9), regions);
        ahci.memory.writeByte(AhciFixture.table(port, slot) + 0x40, (byte) PACKETS[random.nextInt(PACKETS.length)]);
        if (random.nextInt(16) == 0) {
            ahci.memory.writeByte(AhciFixture.table(port, slot) + 1, (byte) 0);
            ahci.memory.writeByte(AhciFixture.table(port, slot) + 15, (byte) (random.nextBoolean() ? 4 : 0));
        }
        ahci.port(port, AhciPort.QUEUED_OFFSET, isQueued ? 1 << slot : 0);
        ahci.issue(port, 1 << slot);
    }

    private void rarely() {
        switch (random.nextInt(40)) {
            case 0 -> ahci.write(AhciHost.CONTROL_OFFSET, AhciHost.RESET_BIT);
            case 1 -> ahci.pci.write(PciFunction.COMMAND_OFFSET, 2, random.nextInt(8));
            case 2 -> ahci.pci.write(0x82, 2, random.nextInt(2));
            case 3 -> ahci.drives.disk.failing = random.nextInt(4) == 0;
            case 4 -> ahci.drives.slot.remove();
            case 5 -> StateRoundTrip.load(ahci.controller, StateRoundTrip.save(ahci.controller));
            case 6 -> ahci.controller.reset();
            default -> ahci.enable();
        }
    }
}
