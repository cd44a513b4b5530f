package jkvm.soft.irqchip;

/**
 * An interrupt as a message to local APICs, packed in a {@code long} as x2APIC's interrupt command register has it (SDM
 * volume 3, 11.12.9): IPIs, message-signalled interrupts and what the IOAPIC sends all become one of these. A bit that
 * the register reserves holds the redirection hint of a message's address.
 */
final class ApicMessage {
    static final int FIXED = 0x000, LOWEST_PRIORITY = 0x100, SMI = 0x200, REMOTE_READ = 0x300, NMI = 0x400,
            INIT = 0x500, STARTUP = 0x600, EXTINT = 0x700;
    static final int LOGICAL_BIT = 1 << 11, BUSY_BIT = 1 << 12, ASSERT_BIT = 1 << 14, LEVEL_BIT = 1 << 15,
            REDIRECTION_HINT_BIT = 1 << 20;
    static final int NO_SHORTHAND = 0, SELF = 1 << 18, ALL = 2 << 18, ALL_BUT_SELF = 3 << 18;
    private static final int VECTOR_MASK = 0xFF, DELIVERY_MODE_MASK = 0x700, SHORTHAND_MASK = 3 << 18;
    private static final int DESTINATION_SHIFT = 32;
    /** Bits of an interrupt command that take part in the delivery. */
    private static final int COMMAND_MASK = VECTOR_MASK | DELIVERY_MODE_MASK | LOGICAL_BIT | ASSERT_BIT | LEVEL_BIT
            | SHORTHAND_MASK;
    private static final int MSI_DESTINATION_SHIFT = 12, MSI_REDIRECTION_HINT_BIT = 1 << 3, MSI_LOGICAL_BIT = 1 << 2;
    private static final int DATA_MASK = VECTOR_MASK | DELIVERY_MODE_MASK | LEVEL_BIT;

    private ApicMessage() {
    }

    /** @param low bits 0 to 31 of an interrupt command */
    static long of(int low, int destination) {
        return (long) destination << DESTINATION_SHIFT | low & COMMAND_MASK;
    }

    /**
     * A message-signalled interrupt (SDM volume 3, 11.11). The destination has eight bits, and 24 more in the upper
     * half of the address where {@code wide} says so. Nothing checks that the address begins with 0xFEE.
     */
    static long ofMsi(long address, int data, boolean wide) {
        int destination = (int) address >>> MSI_DESTINATION_SHIFT & 0xFF;
        if (wide) {
            destination |= (int) (address >>> 32) & ~0xFF;
        }
        int low = data & DATA_MASK | ASSERT_BIT;
        if ((address & MSI_LOGICAL_BIT) != 0) {
            low |= LOGICAL_BIT;
        }
        if ((address & MSI_REDIRECTION_HINT_BIT) != 0) {
            low |= REDIRECTION_HINT_BIT;
        }
        return (long) destination << DESTINATION_SHIFT | low;
    }

    static int vector(long message) {
        return (int) message & VECTOR_MASK;
    }

    static int deliveryMode(long message) {
        return (int) message & DELIVERY_MODE_MASK;
    }

    static int shorthand(long message) {
        return (int) message & SHORTHAND_MASK;
    }

    static int destination(long message) {
        return (int) (message >>> DESTINATION_SHIFT);
    }

    static boolean isLogical(long message) {
        return (message & LOGICAL_BIT) != 0;
    }

    static boolean isLevelTriggered(long message) {
        return (message & LEVEL_BIT) != 0;
    }

    static boolean isAsserted(long message) {
        return (message & ASSERT_BIT) != 0;
    }

    /** One of the matching APICs takes it, not all. */
    static boolean isForOne(long message) {
        return deliveryMode(message) == LOWEST_PRIORITY || (message & REDIRECTION_HINT_BIT) != 0;
    }

    /** The same message, to each of its destinations. */
    static long withFixedDelivery(long message) {
        return message & ~(long) DELIVERY_MODE_MASK;
    }
}
