package jkvm.bios.video;

import jkvm.bios.BiosData;
import jkvm.bios.Call;

/** The state that functions 1Ch and 4F04h put into a caller's buffer at ES:BX and take from there. */
final class SavedState {
    static final int REGISTERS_BIT = 0x01;
    static final int DATA_BIT = 0x02;
    static final int COLOURS_BIT = 0x04;
    static final int VBE_BIT = 0x08;

    private static final int DATA_FIRST = BiosData.VIDEO_MODE;
    private static final int DATA_LAST = 0x466;
    private static final int MORE_FIRST = 0x484;
    private static final int MORE_LAST = 0x48A;
    private static final int POINTER = 0x4A8;
    private static final int VBE_MODE = 0x4BA;
    private static final int REGISTERS_SIZE = 1 + VgaRegisters.SEQUENCER_COUNT + VgaRegisters.CRTC_COUNT
            + VgaRegisters.ATTRIBUTE_COUNT + VgaRegisters.GRAPHICS_COUNT;
    private static final int DATA_SIZE = DATA_LAST - DATA_FIRST + 1 + MORE_LAST - MORE_FIRST + 1 + 4 + 2 + 8;
    private static final int COLOURS_SIZE = VgaRegisters.COLOURS * 3 + 1;
    private static final int VBE_SIZE = VbeRegisters.SAVED_WORDS * 2;

    private final Video video;
    private final VgaRegisters registers;

    SavedState(Video video) {
        this.video = video;
        registers = video.registers();
    }

    /** The bytes that parts need. */
    int size(int parts) {
        return ((parts & REGISTERS_BIT) != 0 ? REGISTERS_SIZE : 0) + ((parts & DATA_BIT) != 0 ? DATA_SIZE : 0)
                + ((parts & COLOURS_BIT) != 0 ? COLOURS_SIZE : 0) + ((parts & VBE_BIT) != 0 ? VBE_SIZE : 0);
    }

    /** Writes parts to ES:BX. */
    void save(Call call, int parts) {
        Buffer buffer = new Buffer(call);
        if ((parts & REGISTERS_BIT) != 0) {
            saveRegisters(buffer);
        }
        if ((parts & DATA_BIT) != 0) {
            data(call, buffer, true);
        }
        if ((parts & COLOURS_BIT) != 0) {
            buffer.put(registers.colourMask());
            for (int i = 0; i < VgaRegisters.COLOURS; i++) {
                int colour = registers.colour(i);
                buffer.put(colour >> 16);
                buffer.put(colour >> 8);
                buffer.put(colour);
            }
        }
        if ((parts & VBE_BIT) != 0) {
            for (int value : video.vbe().save()) {
                buffer.put(value);
                buffer.put(value >> Byte.SIZE);
            }
        }
    }

    /** Takes parts from ES:BX. */
    void restore(Call call, int parts) {
        Buffer buffer = new Buffer(call);
        if ((parts & REGISTERS_BIT) != 0) {
            restoreRegisters(buffer);
        }
        if ((parts & DATA_BIT) != 0) {
            data(call, buffer, false);
        }
        if ((parts & COLOURS_BIT) != 0) {
            registers.setColourMask(buffer.take());
            for (int i = 0; i < VgaRegisters.COLOURS; i++) {
                registers.setColour(i, buffer.take() << 16 | buffer.take() << 8 | buffer.take());
            }
        }
        if ((parts & VBE_BIT) != 0) {
            int[] values = new int[VbeRegisters.SAVED_WORDS];
            for (int i = 0; i < values.length; i++) {
                values[i] = buffer.take() | buffer.take() << Byte.SIZE;
            }
            video.vbe().restore(values);
        }
    }

    private void saveRegisters(Buffer buffer) {
        buffer.put(registers.miscellaneous());
        for (int i = 0; i < VgaRegisters.SEQUENCER_COUNT; i++) {
            buffer.put(registers.sequencer(i));
        }
        for (int i = 0; i < VgaRegisters.CRTC_COUNT; i++) {
            buffer.put(registers.crtc(i));
        }
        for (int i = 0; i < VgaRegisters.ATTRIBUTE_COUNT; i++) {
            buffer.put(registers.attribute(i));
        }
        for (int i = 0; i < VgaRegisters.GRAPHICS_COUNT; i++) {
            buffer.put(registers.graphics(i));
        }
    }

    private void restoreRegisters(Buffer buffer) {
        registers.setMiscellaneous(buffer.take());
        for (int i = 0; i < VgaRegisters.SEQUENCER_COUNT; i++) {
            registers.setSequencer(i, buffer.take());
        }
        registers.setCrtc(VgaRegisters.RETRACE_END, 0);
        for (int i = 0; i < VgaRegisters.CRTC_COUNT; i++) {
            registers.setCrtc(i, buffer.take());
        }
        for (int i = 0; i < VgaRegisters.ATTRIBUTE_COUNT; i++) {
            registers.setAttribute(i, buffer.take());
        }
        for (int i = 0; i < VgaRegisters.GRAPHICS_COUNT; i++) {
            registers.setGraphics(i, buffer.take());
        }
    }

    private void data(Call call, Buffer buffer, boolean isSaving) {
        bytes(call, buffer, DATA_FIRST, DATA_LAST, isSaving);
        bytes(call, buffer, MORE_FIRST, MORE_LAST, isSaving);
        bytes(call, buffer, POINTER, POINTER + 3, isSaving);
        bytes(call, buffer, VBE_MODE, VBE_MODE + 1, isSaving);
        int upperFont = 4 * GlyphCells.UPPER_FONT_VECTOR;
        bytes(call, buffer, upperFont, upperFont + 3, isSaving);
        int font = 4 * GlyphCells.FONT_VECTOR;
        bytes(call, buffer, font, font + 3, isSaving);
    }

    private static void bytes(Call call, Buffer buffer, int first, int last, boolean isSaving) {
        for (int address = first; address <= last; address++) {
            if (isSaving) {
                buffer.put(call.data().readByte(address));
            } else {
                call.data().writeByte(address, buffer.take());
            }
        }
    }

    /** The caller's buffer, byte by byte. */
    private static final class Buffer {
        private final Call call;
        private int offset;

        Buffer(Call call) {
            this.call = call;
            offset = call.bx();
        }

        void put(int value) {
            call.memory().writeByte(call.es(), offset++, value);
        }

        int take() {
            return call.memory().readByte(call.es(), offset++);
        }
    }
}
