package jkvm.device.usb.xhci;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** The controller's operational registers but the ports' (xHCI section 5.4). Guarded by the controller's lock. */
final class OperationalRegisters {
    static final int COMMAND_OFFSET = 0x00;
    static final int STATUS_OFFSET = 0x04;
    static final int PAGE_SIZE_OFFSET = 0x08;
    static final int NOTIFICATION_OFFSET = 0x14;
    static final int COMMAND_RING_LOW_OFFSET = 0x18;
    static final int COMMAND_RING_HIGH_OFFSET = 0x1C;
    static final int CONTEXT_ARRAY_LOW_OFFSET = 0x30;
    static final int CONTEXT_ARRAY_HIGH_OFFSET = 0x34;
    static final int CONFIGURE_OFFSET = 0x38;

    private static final int RUN_BIT = 1;
    private static final int RESET_BIT = 1 << 1;
    private static final int INTERRUPT_ENABLE_BIT = 1 << 2;
    private static final int LIGHT_RESET_BIT = 1 << 7;
    private static final int SAVE_BIT = 1 << 8;
    private static final int RESTORE_BIT = 1 << 9;
    private static final int COMMAND_MASK = 0xC0F;

    private static final int HALTED_BIT = 1;
    private static final int EVENT_BIT = 1 << 3;
    private static final int PORT_CHANGE_BIT = 1 << 4;
    private static final int RESTORE_ERROR_BIT = 1 << 10;
    private static final int HOST_ERROR_BIT = 1 << 12;
    /** Bits of the status that the guest clears by writing ones. */
    private static final int STATUS_CLEARED_BITS = 1 << 2 | EVENT_BIT | PORT_CHANGE_BIT | RESTORE_ERROR_BIT;

    private static final int RING_STOP_BITS = 6;
    private static final int RING_RUNNING_BIT = 1 << 3;
    private static final int PAGE_4K = 1;
    private static final int SLOTS_MASK = 0xFF;

    private final Xhci controller;
    private int command;
    private int status;
    private int notifications;
    private long commandRing;
    private boolean commandRingRuns;
    private long contextArray;
    private int configure;

    OperationalRegisters(Xhci controller) {
        this.controller = controller;
        reset();
    }

    void reset() {
        command = 0;
        status = HALTED_BIT;
        notifications = 0;
        commandRing = 0;
        commandRingRuns = false;
        contextArray = 0;
        configure = 0;
    }

    boolean isRunning() {
        return (command & RUN_BIT) != 0 && (status & HOST_ERROR_BIT) == 0;
    }

    boolean interruptsEnabled() {
        return (command & INTERRUPT_ENABLE_BIT) != 0;
    }

    boolean commandRingRuns() {
        return commandRingRuns && isRunning();
    }

    /** The doorbell of the command ring. */
    void startCommandRing() {
        if (isRunning()) {
            commandRingRuns = true;
        }
    }

    long contextArray() {
        return contextArray;
    }

    int enabledSlots() {
        return configure & SLOTS_MASK;
    }

    void eventTold() {
        status |= EVENT_BIT;
    }

    void portChanged() {
        status |= PORT_CHANGE_BIT;
    }

    /** Something without which it cannot go on lies outside of RAM: only a reset leads back (section 4.24.1). */
    void fail() {
        status |= HOST_ERROR_BIT | HALTED_BIT;
        command &= ~RUN_BIT;
        commandRingRuns = false;
    }

    int read(int offset) {
        return switch (offset) {
            case COMMAND_OFFSET -> command;
            case STATUS_OFFSET -> status;
            case PAGE_SIZE_OFFSET -> PAGE_4K;
            case NOTIFICATION_OFFSET -> notifications;
            case COMMAND_RING_LOW_OFFSET -> commandRingRuns ? RING_RUNNING_BIT : 0;
            case CONTEXT_ARRAY_LOW_OFFSET -> (int) contextArray;
            case CONTEXT_ARRAY_HIGH_OFFSET -> (int) (contextArray >>> 32);
            case CONFIGURE_OFFSET -> configure;
            default -> 0;
        };
    }

    void write(int offset, int value) {
        switch (offset) {
            case COMMAND_OFFSET -> writeCommand(value);
            case STATUS_OFFSET -> status &= ~(value & STATUS_CLEARED_BITS);
            case NOTIFICATION_OFFSET -> notifications = value & 0xFFFF;
            case COMMAND_RING_LOW_OFFSET -> writeCommandRing(value);
            case COMMAND_RING_HIGH_OFFSET -> {
                if (!commandRingRuns) {
                    commandRing = Xhci.withHigh(commandRing, value);
                    controller.newCommandRing(commandRing);
                }
            }
            case CONTEXT_ARRAY_LOW_OFFSET -> contextArray = Xhci.withLow(contextArray, value) & ~0x3FL;
            case CONTEXT_ARRAY_HIGH_OFFSET -> contextArray = Xhci.withHigh(contextArray, value);
            case CONFIGURE_OFFSET -> configure = value & SLOTS_MASK;
            default -> {
                // Reserved or read-only.
            }
        }
    }

    private void writeCommand(int value) {
        if ((value & (RESET_BIT | LIGHT_RESET_BIT)) != 0) {
            controller.resetController();
            return;
        }
        if ((value & SAVE_BIT) != 0) {
            status &= ~RESTORE_ERROR_BIT;
        }
        if ((value & RESTORE_BIT) != 0) {
            // Nothing was kept, which the guest is told: it sets the controller up anew.
            status |= RESTORE_ERROR_BIT;
        }
        boolean wasRunning = (command & RUN_BIT) != 0;
        command = value & COMMAND_MASK & ~RESET_BIT;
        boolean runs = (command & RUN_BIT) != 0;
        if (runs && !wasRunning) {
            status &= ~HALTED_BIT;
            controller.started();
        } else if (!runs) {
            status |= HALTED_BIT;
            commandRingRuns = false;
        }
    }

    private void writeCommandRing(int value) {
        if (commandRingRuns) {
            if ((value & RING_STOP_BITS) != 0) {
                commandRingRuns = false;
                controller.commandRingStopped();
            }
        } else {
            commandRing = Xhci.withLow(commandRing, value);
            controller.newCommandRing(commandRing);
        }
    }

    void save(StateWriter out) {
        out.putInt("command", command);
        out.putInt("status", status);
        out.putInt("notifications", notifications);
        out.putLong("command ring", commandRing);
        out.putBoolean("command ring runs", commandRingRuns);
        out.putLong("context array", contextArray);
        out.putInt("configure", configure);
    }

    void load(StateReader in) {
        command = in.getInt("command");
        status = in.getInt("status");
        notifications = in.getInt("notifications");
        commandRing = in.getLong("command ring");
        commandRingRuns = in.getBoolean("command ring runs");
        contextArray = in.getLong("context array");
        configure = in.getInt("configure");
    }
}
