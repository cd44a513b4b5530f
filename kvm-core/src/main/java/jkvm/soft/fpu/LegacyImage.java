package jkvm.soft.fpu;

import static jkvm.soft.fpu.LittleEndian.get16;
import static jkvm.soft.fpu.LittleEndian.get32;
import static jkvm.soft.fpu.LittleEndian.get64;
import static jkvm.soft.fpu.LittleEndian.put16;
import static jkvm.soft.fpu.LittleEndian.put32;
import static jkvm.soft.fpu.LittleEndian.put64;

/**
 * The images of FSTENV, FLDENV, FSAVE and FRSTOR: an environment of seven words or double words, then, for FSAVE, eight
 * registers of ten bytes from ST(0) on. The real-address form (also of virtual-8086 mode) has linear addresses and the
 * opcode where the protected form has selectors (SDM 8.1.10).
 */
public final class LegacyImage {
    public static final int REGISTERS_SIZE = 80;

    private LegacyImage() {
    }

    /** Bytes of the environment. */
    public static int environmentSize(boolean wide) {
        return wide ? 28 : 14;
    }

    /**
     * @param wide      32-bit form, else 16-bit
     * @param protectedMode protected form, else real-address form
     */
    public static void saveEnvironment(FpuState state, byte[] image, boolean wide, boolean protectedMode) {
        long ip = state.lastInstruction;
        long data = state.lastData;
        if (wide) {
            put32(image, 0, 0xFFFF0000 | state.control);
            put32(image, 4, 0xFFFF0000 | state.statusWord());
            put32(image, 8, 0xFFFF0000 | state.tagWord());
            if (protectedMode) {
                put32(image, 12, (int) ip);
                put32(image, 16, state.lastInstructionSelector | state.lastOpcode << 16);
                put32(image, 20, (int) data);
                put32(image, 24, 0xFFFF0000 | state.lastDataSelector);
            } else {
                int linearIp = (int) ip + (state.lastInstructionSelector << 4);
                int linearData = (int) data + (state.lastDataSelector << 4);
                put32(image, 12, 0xFFFF0000 | linearIp & 0xFFFF);
                put32(image, 16, linearIp >>> 16 << 12 | state.lastOpcode);
                put32(image, 20, 0xFFFF0000 | linearData & 0xFFFF);
                put32(image, 24, linearData >>> 16 << 12);
            }
            return;
        }
        put16(image, 0, state.control);
        put16(image, 2, state.statusWord());
        put16(image, 4, state.tagWord());
        if (protectedMode) {
            put16(image, 6, (int) ip);
            put16(image, 8, state.lastInstructionSelector);
            put16(image, 10, (int) data);
            put16(image, 12, state.lastDataSelector);
        } else {
            int linearIp = (int) ip + (state.lastInstructionSelector << 4);
            int linearData = (int) data + (state.lastDataSelector << 4);
            put16(image, 6, linearIp);
            put16(image, 8, linearIp >> 4 & 0xF000 | state.lastOpcode);
            put16(image, 10, linearData);
            put16(image, 12, linearData >> 4 & 0xF000);
        }
    }

    /** Loads control, status, tags and pointers. An exception that becomes pending is met by the next instruction. */
    public static void restoreEnvironment(FpuState state, byte[] image, boolean wide, boolean protectedMode) {
        int step = wide ? 4 : 2;
        state.controlWord(get16(image, 0));
        state.statusWord(get16(image, step));
        state.tagWord(get16(image, 2 * step));
        int ip = wide ? get32(image, 12) : get16(image, 6);
        int second = wide ? get32(image, 16) : get16(image, 8);
        int data = wide ? get32(image, 20) : get16(image, 10);
        int fourth = wide ? get32(image, 24) : get16(image, 12);
        if (protectedMode) {
            state.lastInstruction = ip & 0xFFFFFFFFL;
            state.lastInstructionSelector = second & 0xFFFF;
            state.lastOpcode = wide ? second >> 16 & 0x7FF : state.lastOpcode;
            state.lastData = data & 0xFFFFFFFFL;
            state.lastDataSelector = fourth & 0xFFFF;
        } else {
            int high = wide ? 0xFFFF000 : 0xF000;
            state.lastInstruction = ip & 0xFFFF | (second & high) << 4 & 0xFFFFFFFFL;
            state.lastInstructionSelector = 0;
            state.lastOpcode = second & 0x7FF;
            state.lastData = data & 0xFFFF | (fourth & high) << 4 & 0xFFFFFFFFL;
            state.lastDataSelector = 0;
        }
    }

    /** Stores ST(0) to ST(7) from {@code offset} on. */
    public static void saveRegisters(FpuState state, byte[] image, int offset) {
        for (int i = 0; i < 8; i++) {
            int register = state.physical(i);
            put64(image, offset + 10 * i, state.significand[register]);
            put16(image, offset + 10 * i + 8, state.exponent[register]);
        }
    }

    /** Loads ST(0) to ST(7), with TOP as the environment has set it. */
    public static void restoreRegisters(FpuState state, byte[] image, int offset) {
        for (int i = 0; i < 8; i++) {
            int register = state.physical(i);
            state.significand[register] = get64(image, offset + 10 * i);
            state.exponent[register] = get16(image, offset + 10 * i + 8);
        }
    }
}
