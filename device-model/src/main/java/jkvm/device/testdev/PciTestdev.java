package jkvm.device.testdev;

import java.nio.charset.StandardCharsets;
import jkvm.bus.ByteIoHandler;
import jkvm.device.pci.PciFunction;
import jkvm.device.pci.PciIdentity;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * QEMU's pci-testdev (its docs/specs/pci-testdev): BAR 0 in memory and BAR 1 in I/O space count writes. Writing a
 * number to offset 0 starts a test; the header there then tells the offset, the width and the value of the writes that
 * count. QEMU leaves the tests named eventfd to KVM and does not count them; here every test counts.
 */
public final class PciTestdev extends PciFunction {
    private static final int DEVICE = 0x0005;
    private static final int CLASS = 0x00FF00;
    private static final String[] TESTS = {"no-eventfd", "wildcard-eventfd", "datamatch-eventfd"};
    private static final int WILDCARD = 1;
    private static final int MEMORY_TEST_OFFSET = 2048;
    private static final int IO_TEST_OFFSET = 128;
    private static final int WIDTH = 1;
    private static final int MATCHING_DATA = 0xFA;
    private static final int OTHER_DATA = 0xCE;

    private static final int WIDTH_OFFSET = 1;
    private static final int OFFSET_OFFSET = 4;
    private static final int DATA_OFFSET = 8;
    private static final int COUNT_OFFSET = 12;
    private static final int NAME_OFFSET = 16;
    private static final int NONE = -1;
    private static final int STATE_VERSION = 1;

    private final byte[][] names = new byte[2 * TESTS.length][];
    private final int[] counts = new int[2 * TESTS.length];
    /** The test that runs: those of memory first. */
    private int current = NONE;

    @SuppressWarnings("this-escape")
    public PciTestdev(String name) {
        super(name, new PciIdentity(PciIdentity.RED_HAT, DEVICE, 0, CLASS));
        for (int i = 0; i < names.length; i++) {
            String space = i < TESTS.length ? "mmio" : "portio";
            names[i] = (space + "-" + TESTS[i % TESTS.length] + "\0").getBytes(StandardCharsets.US_ASCII);
        }
        addMemoryBar(0, 2 * MEMORY_TEST_OFFSET, new Window(0));
        addIoBar(1, 2 * IO_TEST_OFFSET, new Window(TESTS.length));
    }

    @Override
    protected synchronized void resetDevice() {
        current = NONE;
    }

    @Override
    protected synchronized void saveDevice(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("current", current);
        for (int count : counts) {
            out.putInt("count", count);
        }
    }

    @Override
    protected synchronized void loadDevice(StateReader in) {
        in.getVersion(STATE_VERSION);
        current = in.getInt("current", NONE, counts.length - 1);
        for (int i = 0; i < counts.length; i++) {
            counts[i] = in.getInt("count");
        }
    }

    private static int testOffset(int test) {
        return (test < TESTS.length ? MEMORY_TEST_OFFSET : IO_TEST_OFFSET) + test * WIDTH;
    }

    private static int testData(int test) {
        return test % TESTS.length == WILDCARD ? OTHER_DATA : MATCHING_DATA;
    }

    private int header(int offset) {
        return switch (offset) {
            case 0 -> current;
            case WIDTH_OFFSET -> WIDTH;
            case DATA_OFFSET -> testData(current);
            default -> {
                if (offset >= OFFSET_OFFSET && offset < DATA_OFFSET) {
                    yield testOffset(current) >>> 8 * (offset - OFFSET_OFFSET) & 0xFF;
                }
                if (offset >= COUNT_OFFSET && offset < NAME_OFFSET) {
                    yield counts[current] >>> 8 * (offset - COUNT_OFFSET) & 0xFF;
                }
                yield offset >= NAME_OFFSET && offset < NAME_OFFSET + names[current].length
                        ? names[current][offset - NAME_OFFSET] : 0;
            }
        };
    }

    /** One BAR. Either shows the header of the test that runs, whichever BAR started it. */
    private final class Window implements ByteIoHandler {
        private final int firstTest;

        Window(int firstTest) {
            this.firstTest = firstTest;
        }

        @Override
        public int readByte(int offset) {
            synchronized (PciTestdev.this) {
                return current == NONE ? 0 : header(offset);
            }
        }

        @Override
        public void writeByte(int offset, int value) {
            synchronized (PciTestdev.this) {
                if (offset == 0) {
                    start(value);
                } else if (current != NONE && offset == testOffset(current)
                        && (current % TESTS.length == WILDCARD || value == testData(current))) {
                    counts[current]++;
                }
            }
        }

        private void start(int test) {
            current = test < TESTS.length ? firstTest + test : NONE;
            if (current != NONE) {
                counts[current] = 0;
            }
        }
    }
}
