package jkvm.device.e1000;

import java.util.Arrays;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The Marvell M88E1011 transceiver that MDIC reaches, at address 1. It finds a partner that offers gigabit, half a
 * second after negotiation starts. Guarded by the device's lock.
 */
final class Phy {
    static final int MDIC_READ = 2;
    static final int MDIC_WRITE = 1;
    static final int MDIC_READY_BIT = 1 << 28;
    static final int MDIC_INTERRUPT_BIT = 1 << 29;
    static final int MDIC_ERROR_BIT = 1 << 30;
    private static final int ADDRESS = 1;

    private static final int CONTROL = 0;
    private static final int CONTROL_RESET_BIT = 1 << 15;
    private static final int CONTROL_LOOPBACK_BIT = 1 << 14;
    private static final int CONTROL_AUTO_BIT = 1 << 12;
    private static final int CONTROL_POWER_DOWN_BIT = 1 << 11;
    private static final int CONTROL_RESTART_BIT = 1 << 9;
    private static final int STATUS = 1;
    private static final int STATUS_AUTO_DONE_BIT = 1 << 5;
    private static final int STATUS_LINK_BIT = 1 << 2;
    private static final int ID_1 = 2;
    private static final int ID_2 = 3;
    private static final int ADVERTISE = 4;
    private static final int PARTNER = 5;
    private static final int EXPANSION = 6;
    private static final int NEXT_PAGE = 7;
    private static final int GIGABIT_CONTROL = 9;
    private static final int GIGABIT_STATUS = 10;
    private static final int EXTENDED_STATUS = 15;
    private static final int SPECIFIC_CONTROL = 16;
    private static final int SPECIFIC_STATUS = 17;
    private static final int SPECIFIC_STATUS_LINK = 0x0400;
    private static final int INTERRUPT_ENABLE = 18;
    private static final int EXTENDED_CONTROL = 20;
    private static final int PAGE_SELECT = 29;
    private static final int GENERAL_CONTROL = 30;
    private static final int REGISTERS = 32;
    private static final int WRITABLE = 1 << CONTROL | 1 << ADVERTISE | 1 << NEXT_PAGE | 1 << GIGABIT_CONTROL
            | 1 << SPECIFIC_CONTROL | 1 << INTERRUPT_ENABLE | 1 << EXTENDED_CONTROL | 1 << PAGE_SELECT
            | 1 << GENERAL_CONTROL;
    /** Every ability, asymmetric pause too, and the acknowledgement. */
    private static final int PARTNER_ABILITY = 0xCDE1;

    private final int[] registers = new int[REGISTERS];
    private int mdic;

    Phy() {
        reset();
    }

    void reset() {
        Arrays.fill(registers, 0);
        registers[CONTROL] = 0x1140;
        registers[STATUS] = 0x7949;
        registers[ID_1] = 0x0141;
        registers[ID_2] = 0x0C20;
        registers[ADVERTISE] = 0x0DE1;
        registers[NEXT_PAGE] = 0x2001;
        registers[GIGABIT_CONTROL] = 0x0E00;
        registers[EXTENDED_STATUS] = 0x3000;
        registers[SPECIFIC_CONTROL] = 0x0360;
        registers[SPECIFIC_STATUS] = 0xA800;
        registers[EXTENDED_CONTROL] = 0x0D60;
        mdic = MDIC_READY_BIT;
    }

    boolean isLoopback() {
        return (registers[CONTROL] & CONTROL_LOOPBACK_BIT) != 0;
    }

    boolean isPoweredDown() {
        return (registers[CONTROL] & CONTROL_POWER_DOWN_BIT) != 0;
    }

    int readMdic() {
        return mdic;
    }

    /** The action that the device must take after a write to MDIC. */
    enum Effect { NOTHING, RESET, NEGOTIATE, POWER_CHANGE }

    Effect writeMdic(int value) {
        int register = value >>> 16 & 0x1F;
        int operation = value >>> 26 & 3;
        mdic = value & ~(MDIC_READY_BIT | MDIC_ERROR_BIT) | MDIC_READY_BIT;
        if ((value >>> 21 & 0x1F) != ADDRESS || operation != MDIC_READ && operation != MDIC_WRITE) {
            mdic |= MDIC_ERROR_BIT;
            return Effect.NOTHING;
        }
        if (operation == MDIC_READ) {
            mdic = mdic & ~0xFFFF | registers[register];
            return Effect.NOTHING;
        }
        return write(register, value & 0xFFFF);
    }

    private Effect write(int register, int value) {
        if ((WRITABLE >>> register & 1) == 0) {
            return Effect.NOTHING;
        }
        if (register != CONTROL) {
            registers[register] = value;
            return Effect.NOTHING;
        }
        if ((value & CONTROL_RESET_BIT) != 0) {
            int kept = mdic;
            reset();
            mdic = kept;
            return Effect.RESET;
        }
        boolean wasDown = isPoweredDown();
        registers[CONTROL] = value & ~(CONTROL_RESET_BIT | CONTROL_RESTART_BIT);
        if (wasDown != isPoweredDown()) {
            return Effect.POWER_CHANGE;
        }
        int restart = CONTROL_AUTO_BIT | CONTROL_RESTART_BIT;
        return (value & restart) == restart ? Effect.NEGOTIATE : Effect.NOTHING;
    }

    /** The link is there or not. */
    void setLink(boolean up) {
        int bits = STATUS_LINK_BIT | STATUS_AUTO_DONE_BIT;
        registers[STATUS] = up ? registers[STATUS] | bits : registers[STATUS] & ~bits;
        registers[SPECIFIC_STATUS] = up ? 0xA800 | SPECIFIC_STATUS_LINK : 0xA800;
        registers[PARTNER] = up ? PARTNER_ABILITY : 0;
        registers[EXPANSION] = up ? 3 : 0;
        registers[GIGABIT_STATUS] = up ? 0x3C00 : 0;
    }

    void save(StateWriter out) {
        for (int register : registers) {
            out.putInt("phy", register);
        }
        out.putInt("mdic", mdic);
    }

    void load(StateReader in) {
        for (int i = 0; i < REGISTERS; i++) {
            registers[i] = in.getInt("phy", 0, 0xFFFF);
        }
        mdic = in.getInt("mdic");
    }
}
