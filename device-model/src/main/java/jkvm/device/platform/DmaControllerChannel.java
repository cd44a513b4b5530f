package jkvm.device.platform;

import jkvm.bus.DmaChannel;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** One channel of a {@link DmaController}, whose lock guards it. */
final class DmaControllerChannel implements DmaChannel {
    private static final int TYPE_SHIFT = 2;
    private static final int AUTO_INITIALIZE_BIT = 0x10;
    private static final int DECREMENT_BIT = 0x20;
    private static final int COUNTS = 0x10000;
    private static final int CASCADE_MASK = 0xC0;

    private static final Transfer[] TRANSFERS = Transfer.values();

    private final DmaController controller;
    private final int number;
    private Runnable wake = () -> { };
    private int mode;
    private int baseAddress;
    private int baseCount;
    private int address;
    private int count;

    DmaControllerChannel(DmaController controller, int number) {
        this.controller = controller;
        this.number = number;
    }

    @Override
    public void connect(Runnable ready) {
        wake = ready;
    }

    @Override
    public void request(boolean level) {
        controller.request(number, level);
    }

    @Override
    public boolean isOpen() {
        return controller.isOpen(number);
    }

    @Override
    public Transfer transfer() {
        synchronized (controller) {
            return (mode & CASCADE_MASK) == CASCADE_MASK ? Transfer.NONE : TRANSFERS[mode >> TYPE_SHIFT & 3];
        }
    }

    @Override
    public int remaining() {
        synchronized (controller) {
            return count + 1 << controller.shift();
        }
    }

    @Override
    public int move(byte[] data, int offset, int length) {
        synchronized (controller) {
            Transfer direction = transfer();
            int moved = 0;
            int unit = 1 << controller.shift();
            boolean ended = false;
            while (moved + unit <= length && !ended) {
                for (int i = 0; i < unit; i++) {
                    moveByte(direction, data, offset + moved + i, i);
                }
                moved += unit;
                ended = step();
            }
            return moved;
        }
    }

    private void moveByte(Transfer direction, byte[] data, int at, int lane) {
        long gpa = controller.physical(number, address) + lane;
        if (direction == Transfer.TO_MEMORY) {
            controller.store(gpa, data[at]);
        } else if (direction == Transfer.FROM_MEMORY) {
            data[at] = controller.load(gpa);
        }
    }

    /** Counts one unit; true at the terminal count. */
    private boolean step() {
        address = address + ((mode & DECREMENT_BIT) != 0 ? -1 : 1) & 0xFFFF;
        count = (count + COUNTS - 1) % COUNTS;
        if (count != COUNTS - 1) {
            return false;
        }
        if ((mode & AUTO_INITIALIZE_BIT) != 0) {
            address = baseAddress;
            count = baseCount;
        }
        controller.terminalCount(number, (mode & AUTO_INITIALIZE_BIT) == 0);
        return true;
    }

    void ready() {
        wake.run();
    }

    void mode(int value) {
        mode = value & ~3;
    }

    /** One of the four: 0 for the address, 1 for the count; the half that the flip-flop names. */
    int half(int register, boolean high) {
        int value = register == 0 ? address : count;
        return (high ? value >> 8 : value) & 0xFF;
    }

    void half(int register, boolean high, int value) {
        int shift = high ? 8 : 0;
        int kept = 0xFF00 >> shift;
        if (register == 0) {
            baseAddress = baseAddress & kept | value << shift;
            address = address & kept | value << shift;
        } else {
            baseCount = baseCount & kept | value << shift;
            count = count & kept | value << shift;
        }
    }

    void clear() {
        mode = 0;
        baseAddress = 0;
        baseCount = 0;
        address = 0;
        count = 0;
    }

    void save(StateWriter out) {
        out.putInt("mode", mode);
        out.putInt("base address", baseAddress);
        out.putInt("base count", baseCount);
        out.putInt("address", address);
        out.putInt("count", count);
    }

    void load(StateReader in) {
        mode = in.getInt("mode", 0, 0xFF) & ~3;
        baseAddress = in.getInt("base address", 0, 0xFFFF);
        baseCount = in.getInt("base count", 0, 0xFFFF);
        address = in.getInt("address", 0, 0xFFFF);
        count = in.getInt("count", 0, 0xFFFF);
    }
}
