package jkvm.soft.irqchip;

import java.util.Arrays;
import jkvm.abi.KvmPicState;

/**
 * The two 8259A interrupt controllers of a PC, the second one's output at the first one's input 2, with the two
 * registers that choose level-triggered inputs. Behaves as KVM's. All methods with the chips' lock held.
 */
final class Pic {
    static final int INPUTS = 16;
    private static final int MASTER_PORT = 0x20, SLAVE_PORT = 0xA0, TRIGGER_PORT = 0x4D0;
    private static final int CASCADE = 2, SPURIOUS = 7;
    private static final int MASTER_TRIGGER_MASK = 0xF8, SLAVE_TRIGGER_MASK = 0xDE;

    private final IrqChips chips;
    private final PicUnit master;
    private final PicUnit slave;
    private final int[] lines = new int[INPUTS];
    private boolean output;

    Pic(IrqChips chips) {
        this.chips = chips;
        this.master = new PicUnit(this, 0, MASTER_TRIGGER_MASK);
        this.slave = new PicUnit(this, 1, SLAVE_TRIGGER_MASK);
    }

    /** The INTR line: an interrupt waits. */
    boolean output() {
        return output;
    }

    /** True if the whole access lies on this chip's ports. Only single bytes have an effect. */
    static boolean handlesPort(int port, int size) {
        return size <= 2 && (isInside(port, size, MASTER_PORT) || isInside(port, size, SLAVE_PORT)
                || isInside(port, size, TRIGGER_PORT));
    }

    private static boolean isInside(int port, int size, int first) {
        return port >= first && port + size <= first + 2;
    }

    int read(int port, int size) {
        if (size != 1) {
            return 0;
        }
        return (port & ~1) == TRIGGER_PORT ? unitOfTrigger(port).trigger() : unit(port).read(port);
    }

    void write(int port, int size, int value) {
        if (size != 1) {
            return;
        }
        if ((port & ~1) == TRIGGER_PORT) {
            unitOfTrigger(port).setTrigger(value & 0xFF);
        } else {
            unit(port).write(port, value & 0xFF);
        }
    }

    private PicUnit unit(int port) {
        return (port & ~1) == MASTER_PORT ? master : slave;
    }

    private PicUnit unitOfTrigger(int port) {
        return (port & 1) == 0 ? master : slave;
    }

    /**
     * Sets an input's level for one of the sources that share it.
     *
     * @return 1 if the interrupt is new (or the input fell), 0 if it was waiting already, -1 if it is masked
     */
    int setLine(int input, int source, boolean level) {
        lines[input] = level ? lines[input] | 1 << source : lines[input] & ~(1 << source);
        int result = (input < 8 ? master : slave).setInput(input & 7, lines[input] != 0);
        update();
        return result;
    }

    /** Looks at the slave, then at the master, and sets the INTR line. */
    void update() {
        if (slave.highest() >= 0) {
            master.setInput(CASCADE, true);
            master.setInput(CASCADE, false);
        }
        boolean now = master.highest() >= 0;
        if (now != output) {
            output = now;
            chips.picOutputChanged();
        } else if (now) {
            chips.picOutputChanged();
        }
    }

    /**
     * Puts the interrupt that the processor takes into service.
     *
     * @return its vector, a spurious one if it went away
     */
    int acknowledge() {
        output = false;
        int input = master.highest();
        int vector;
        if (input < 0) {
            vector = master.vector(SPURIOUS);
        } else {
            master.acknowledge(input);
            vector = master.vector(input);
            if (input == CASCADE) {
                int slaveInput = slave.highest();
                if (slaveInput >= 0) {
                    slave.acknowledge(slaveInput);
                }
                vector = slave.vector(slaveInput < 0 ? SPURIOUS : slaveInput);
            }
        }
        update();
        return vector;
    }

    void clearCascade() {
        master.forgetInput(CASCADE);
    }

    boolean isMaster(PicUnit unit) {
        return unit == master;
    }

    /** Tells of the end of an input's interrupt. */
    void ended(int chip, int input) {
        chips.acknowledged(chip, input + 8 * chip);
    }

    /** Tells that an input was masked or unmasked. */
    void maskChanged(int chip, int input, boolean masked) {
        chips.maskChanged(chip, input + 8 * chip, masked);
    }

    /** True if a vCPU listens to the INTR line. */
    boolean isHeard() {
        return Arrays.stream(chips.bus().lapics()).anyMatch(Lapic::takesExternal);
    }

    void read(int chip, KvmPicState state) {
        (chip == 0 ? master : slave).read(state);
    }

    void write(int chip, KvmPicState state) {
        (chip == 0 ? master : slave).write(state);
        update();
    }
}
