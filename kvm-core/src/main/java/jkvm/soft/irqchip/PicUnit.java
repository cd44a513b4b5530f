package jkvm.soft.irqchip;

import jkvm.abi.KvmPicState;

/** One 8259A of the pair in {@link Pic}; register and command names are the data sheet's. */
final class PicUnit {
    private static final int NONE = 8;
    private static final int ICW1_BIT = 0x10, ICW1_ICW4_BIT = 1, ICW4_AUTO_EOI_BIT = 2,
            ICW4_FULLY_NESTED_BIT = 0x10;
    private static final int OCW3_BIT = 8, OCW3_POLL_BIT = 4, OCW3_READ_BIT = 2, OCW3_READ_ISR_BIT = 1,
            OCW3_SPECIAL_MASK_WRITE_BIT = 0x40, OCW3_SPECIAL_MASK_BIT = 0x20;
    private static final int POLL_PENDING_BIT = 0x80, POLL_NOTHING = 7;
    private static final int NORMAL = 0, EXPECT_ICW2 = 1, EXPECT_ICW3 = 2, EXPECT_ICW4 = 3;
    private static final int CASCADE_BIT = 1 << 2;

    private final Pic pair;
    private final int number;
    private int lastIrr, irr, imr, isr, priorityAdd, irqBase;
    private int readRegister, poll, specialMask, initState, autoEoi, rotateOnAutoEoi, fullyNested, init4;
    private int trigger, triggerMask;

    PicUnit(Pic pair, int number, int triggerMask) {
        this.pair = pair;
        this.number = number;
        this.triggerMask = triggerMask;
    }

    int setInput(int input, boolean level) {
        int bit = 1 << input;
        int result = 1;
        if ((trigger & bit) != 0) {
            if (level) {
                result = (irr & bit) == 0 ? 1 : 0;
                irr |= bit;
                lastIrr |= bit;
            } else {
                irr &= ~bit;
                lastIrr &= ~bit;
            }
        } else if (level) {
            if ((lastIrr & bit) == 0) {
                result = (irr & bit) == 0 ? 1 : 0;
                irr |= bit;
            }
            lastIrr |= bit;
        } else {
            lastIrr &= ~bit;
        }
        return (imr & bit) != 0 ? -1 : result;
    }

    /** Priority of the most urgent of some inputs, 0 the highest; {@link #NONE} without one. */
    private int priority(int inputs) {
        if (inputs == 0) {
            return NONE;
        }
        int priority = 0;
        while ((inputs & 1 << (priority + priorityAdd & 7)) == 0) {
            priority++;
        }
        return priority;
    }

    /** The input that would interrupt now, or -1. */
    int highest() {
        int priority = priority(irr & ~imr);
        if (priority == NONE) {
            return -1;
        }
        int inService = isr;
        if (fullyNested != 0 && pair.isMaster(this)) {
            inService &= ~CASCADE_BIT;
        }
        return priority < priority(inService) ? priority + priorityAdd & 7 : -1;
    }

    int vector(int input) {
        return irqBase + input & 0xFF;
    }

    void acknowledge(int input) {
        isr |= 1 << input;
        if ((trigger & 1 << input) == 0) {
            irr &= ~(1 << input);
        }
        if (autoEoi != 0) {
            if (rotateOnAutoEoi != 0) {
                priorityAdd = input + 1 & 7;
            }
            end(input);
        }
    }

    private void end(int input) {
        isr &= ~(1 << input);
        pair.ended(number, input);
    }

    void forgetInput(int input) {
        isr &= ~(1 << input);
        irr &= ~(1 << input);
    }

    int trigger() {
        return trigger;
    }

    void setTrigger(int value) {
        trigger = value & triggerMask;
    }

    int read(int port) {
        if (poll != 0) {
            int answer = poll();
            poll = 0;
            return answer;
        }
        if ((port & 1) != 0) {
            return imr;
        }
        return readRegister != 0 ? isr : irr;
    }

    private int poll() {
        int input = highest();
        if (input < 0) {
            pair.update();
            return POLL_NOTHING;
        }
        if (!pair.isMaster(this)) {
            pair.clearCascade();
        }
        irr &= ~(1 << input);
        end(input);
        if (!pair.isMaster(this) || input != 2) {
            pair.update();
        }
        return input | POLL_PENDING_BIT;
    }

    void write(int port, int value) {
        if ((port & 1) != 0) {
            writeData(value);
        } else if ((value & ICW1_BIT) != 0) {
            init4 = value & ICW1_ICW4_BIT;
            initialize();
        } else if ((value & OCW3_BIT) != 0) {
            writeOcw3(value);
        } else {
            writeOcw2(value >> 5, value & 7);
        }
    }

    private void initialize() {
        int edges = irr & ~trigger;
        lastIrr = 0;
        irr &= trigger;
        imr = 0;
        priorityAdd = 0;
        specialMask = 0;
        readRegister = 0;
        if (init4 == 0) {
            fullyNested = 0;
            autoEoi = 0;
        }
        initState = EXPECT_ICW2;
        if (edges != 0 && pair.isHeard()) {
            for (int input = 0; input < 8; input++) {
                if ((edges & 1 << input) != 0) {
                    end(input);
                }
            }
        }
    }

    private void writeOcw3(int value) {
        if ((value & OCW3_POLL_BIT) != 0) {
            poll = 1;
        }
        if ((value & OCW3_READ_BIT) != 0) {
            readRegister = value & OCW3_READ_ISR_BIT;
        }
        if ((value & OCW3_SPECIAL_MASK_WRITE_BIT) != 0) {
            specialMask = (value & OCW3_SPECIAL_MASK_BIT) != 0 ? 1 : 0;
        }
    }

    private void writeOcw2(int command, int input) {
        switch (command) {
            case 0, 4 -> rotateOnAutoEoi = command >> 2;
            case 1, 5 -> {
                int priority = priority(isr);
                if (priority != NONE) {
                    int highest = priority + priorityAdd & 7;
                    if (command == 5) {
                        priorityAdd = highest + 1 & 7;
                    }
                    end(highest);
                    pair.update();
                }
            }
            case 3 -> {
                end(input);
                pair.update();
            }
            case 6 -> {
                priorityAdd = input + 1 & 7;
                pair.update();
            }
            case 7 -> {
                priorityAdd = input + 1 & 7;
                end(input);
                pair.update();
            }
            default -> {
                // Command 2 is no operation.
            }
        }
    }

    private void writeData(int value) {
        switch (initState) {
            case NORMAL -> {
                int changed = imr ^ value;
                imr = value;
                for (int input = 0; input < 8; input++) {
                    if ((changed & 1 << input) != 0) {
                        pair.maskChanged(number, input, (value & 1 << input) != 0);
                    }
                }
                pair.update();
            }
            case EXPECT_ICW2 -> {
                irqBase = value & 0xF8;
                initState = EXPECT_ICW3;
            }
            case EXPECT_ICW3 -> initState = init4 != 0 ? EXPECT_ICW4 : NORMAL;
            default -> {
                fullyNested = (value & ICW4_FULLY_NESTED_BIT) != 0 ? 1 : 0;
                autoEoi = (value & ICW4_AUTO_EOI_BIT) != 0 ? 1 : 0;
                initState = NORMAL;
            }
        }
    }

    void read(KvmPicState state) {
        state.lastIrr(lastIrr);
        state.irr(irr);
        state.imr(imr);
        state.isr(isr);
        state.priorityAdd(priorityAdd);
        state.irqBase(irqBase);
        state.readRegSelect(readRegister);
        state.poll(poll);
        state.specialMask(specialMask);
        state.initState(initState);
        state.autoEoi(autoEoi);
        state.rotateOnAutoEoi(rotateOnAutoEoi);
        state.specialFullyNestedMode(fullyNested);
        state.init4(init4);
        state.elcr(trigger);
        state.elcrMask(triggerMask);
    }

    void write(KvmPicState state) {
        lastIrr = state.lastIrr();
        irr = state.irr();
        imr = state.imr();
        isr = state.isr();
        priorityAdd = state.priorityAdd();
        irqBase = state.irqBase();
        readRegister = state.readRegSelect();
        poll = state.poll();
        specialMask = state.specialMask();
        initState = state.initState();
        autoEoi = state.autoEoi();
        rotateOnAutoEoi = state.rotateOnAutoEoi();
        fullyNested = state.specialFullyNestedMode();
        init4 = state.init4();
        trigger = state.elcr();
        triggerMask = state.elcrMask();
    }
}
