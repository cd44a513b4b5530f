package jkvm.device.ide;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import jkvm.bus.StateRoundTrip;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DriveSpec;
import jkvm.state.StateBuffer;

/** A driver that does anything, some of which makes sense, by a seed. */
final class RandomIdeDriver {
    private static final int[] OPCODES = {0x00, 0x06, 0x08, 0x10, 0x20, 0x24, 0x25, 0x27, 0x29, 0x30, 0x34, 0x35, 0x39,
        0x40, 0x42, 0x70, 0x90, 0x91, 0xA0, 0xA1, 0xB0, 0xC4, 0xC5, 0xC6, 0xC8, 0xCA, 0xE0, 0xE5, 0xE7, 0xEA, 0xEC,
        0xEF, 0xF8};
    private static final int[] PACKETS = {0x00, 0x03, 0x12, 0x1A, 0x1B, 0x1E, 0x25, 0x28, 0x43, 0x46, 0x4A, 0x51, 0x5A,
        0xA8, 0xBD, 0xBE};

    private final IdeFixture ide;
    private final Random random;
    private final long seed;

    RandomIdeDriver(IdeFixture ide, long seed) {
        this.ide = ide;
        this.random = new Random(seed);
        this.seed = seed;
    }

    void run(int count) throws IOException {
        ide.disk.inRead = () -> {
            if (random.nextInt(8) == 0) {
                step();
            }
        };
        int done = 0;
        try {
            for (; done < count; done++) {
                step();
                ide.disk.calls.clear();
                ide.disc.calls.clear();
            }
        } catch (RuntimeException e) {
            throw new AssertionError("seed %d, step %d".formatted(seed, done), e);
        }
    }

    private int base() {
        return random.nextInt(2) == 0 ? IdePorts.PRIMARY : IdePorts.SECONDARY;
    }

    private void step() {
        try {
            switch (random.nextInt(14)) {
                case 0 -> ide.command(base(), random.nextInt(256), random.nextInt(4), random.nextInt(5000),
                        random.nextInt(8) == 0 ? random.nextInt(256) : 0xE0, opcode());
                case 1 -> ide.packet(random.nextInt(3), random.nextInt(5000), PACKETS[random.nextInt(PACKETS.length)],
                        random.nextInt(256), 0, 0, random.nextInt(2), random.nextInt(256), 0, random.nextInt(2),
                        random.nextInt(256), random.nextInt(256));
                case 2 -> table();
                case 3 -> ide.out(IdePorts.MASTER + random.nextInt(16), 1 << random.nextInt(3), random.nextLong());
                case 4 -> ide.startMaster(random.nextBoolean());
                case 5 -> ide.out(random.nextBoolean() ? 0x3F6 : 0x376, 1,
                        random.nextInt(6) == 0 ? random.nextInt(256) : 0);
                case 6, 7, 8 -> transfer();
                case 9 -> register(true);
                case 10 -> register(false);
                case 11 -> ide.workers.run();
                case 12 -> rarely();
                default -> ide.in(IdePorts.MASTER + random.nextInt(16), 1 << random.nextInt(3));
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An access never goes past the end of a range. */
    private void register(boolean writes) {
        int size = 1 << random.nextInt(3);
        int port = base() + (random.nextInt(TaskFile.REGISTERS) & -size);
        if (writes) {
            ide.out(port, size, random.nextLong());
        } else {
            ide.in(port, size);
        }
    }

    private int opcode() {
        return random.nextInt(16) == 0 ? random.nextInt(256) : OPCODES[random.nextInt(OPCODES.length)];
    }

    private void table() throws IOException {
        long[] entries = new long[2 * (1 + random.nextInt(6))];
        for (int i = 0; i < entries.length; i += 2) {
            entries[i] = random.nextInt(10) == 0 ? random.nextLong() : random.nextInt(IdeFixture.MEMORY_SIZE);
            entries[i + 1] = random.nextInt(4096);
        }
        ide.table(entries);
    }

    private void transfer() {
        int base = base();
        for (int i = random.nextInt(600); i > 0; i--) {
            if (random.nextInt(4) == 0) {
                ide.out(base, 4, i);
            } else {
                ide.in(base, 2);
            }
        }
    }

    private void rarely() {
        switch (random.nextInt(60)) {
            case 0 -> ide.workers.hold();
            case 1 -> ide.slot.openTray(random.nextBoolean());
            case 2 -> ide.slot.closeTray();
            case 3 -> {
                ide.slot.remove();
                ide.slot.insert(DriveSpec.ofPath("cd", Path.of("cd"), ImageOptions.READ_ONLY), ide.disc);
            }
            case 4 -> ide.disk.failing = !ide.disk.failing;
            case 5 -> ide.disc.failing = !ide.disc.failing;
            case 6 -> saveAndLoad();
            default -> { }
        }
    }

    /** The state goes into a machine that has done nothing. */
    private void saveAndLoad() {
        IdeFixture other = new IdeFixture();
        other.workers.hold();
        StateRoundTrip.load(other.hardDisk, StateRoundTrip.save(ide.hardDisk));
        StateRoundTrip.load(other.cd, StateRoundTrip.save(ide.cd));
        for (int i = 0; i < 2; i++) {
            StateBuffer state = new StateBuffer("channel");
            (i == 0 ? ide.primary : ide.secondary).save(state);
            (i == 0 ? other.primary : other.secondary).load(new StateBuffer("channel", state.toByteArray()));
        }
        other.workers.run();
    }
}
