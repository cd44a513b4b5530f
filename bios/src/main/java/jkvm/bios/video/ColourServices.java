package jkvm.bios.video;

import jkvm.bios.Call;
import jkvm.bios.Outcome;

/** INT 10h functions 0Bh and 10h: the colours of a CGA, the palette, and the DAC. */
final class ColourServices {
    private static final int PALETTE_SIZE = 16;
    private static final int BLINK_BIT = 0x08;
    private static final int PAGED_BY_16_BIT = 0x80;
    private static final int INTENSITY_BIT = 0x10;
    private static final int CGA_COLOUR_MASK = 0x0F;
    private static final int CGA_PALETTE_BIT = 0x20;

    private final VgaRegisters registers;
    private final VideoData data;

    ColourServices(Video video) {
        registers = video.registers();
        data = video.data();
    }

    Outcome cga(Call call) {
        int value = data.cgaPalette();
        if (call.bh() == 0) {
            value = value & ~0x1F | call.bl() & 0x1F;
            int colour = call.bl() & CGA_COLOUR_MASK;
            int vgaColour = colour & 7 | (colour & BLINK_BIT) << 1;
            registers.setAttribute(0, vgaColour);
            registers.setAttribute(VgaRegisters.OVERSCAN, vgaColour);
        } else if (call.bh() == 1) {
            value = (call.bl() & 1) != 0 ? value | CGA_PALETTE_BIT : value & ~CGA_PALETTE_BIT;
        }
        data.setCgaPalette(value);
        for (int i = 1; i < 4; i++) {
            int bright = (value & INTENSITY_BIT) != 0 ? INTENSITY_BIT : 0;
            registers.setAttribute(i, i * 2 + ((value & CGA_PALETTE_BIT) != 0 ? 1 : 0) | bright);
        }
        return Outcome.DONE;
    }

    Outcome palette(Call call) {
        switch (call.al()) {
            case 0x00 -> setRegister(call.bl(), call.bh());
            case 0x01 -> registers.setAttribute(VgaRegisters.OVERSCAN, call.bh());
            case 0x02 -> setAll(call);
            case 0x03 -> setBit(BLINK_BIT, (call.bl() & 1) != 0);
            case 0x07 -> call.bh(call.bl() <= VgaRegisters.COLOUR_SELECT ? registers.attribute(call.bl()) : 0);
            case 0x08 -> call.bh(registers.attribute(VgaRegisters.OVERSCAN));
            case 0x09 -> readAll(call);
            default -> dac(call);
        }
        return Outcome.DONE;
    }

    private void setRegister(int index, int value) {
        if (index <= VgaRegisters.COLOUR_SELECT) {
            registers.setAttribute(index, value);
        }
    }

    private void setBit(int bit, boolean isSet) {
        int mode = registers.attribute(VgaRegisters.ATTRIBUTE_MODE);
        registers.setAttribute(VgaRegisters.ATTRIBUTE_MODE, isSet ? mode | bit : mode & ~bit);
    }

    private void setAll(Call call) {
        for (int i = 0; i < PALETTE_SIZE; i++) {
            registers.setAttribute(i, call.memory().readByte(call.es(), call.dx() + i));
        }
        registers.setAttribute(VgaRegisters.OVERSCAN, call.memory().readByte(call.es(), call.dx() + PALETTE_SIZE));
    }

    private void readAll(Call call) {
        for (int i = 0; i < PALETTE_SIZE; i++) {
            call.memory().writeByte(call.es(), call.dx() + i, registers.attribute(i));
        }
        call.memory().writeByte(call.es(), call.dx() + PALETTE_SIZE, registers.attribute(VgaRegisters.OVERSCAN));
    }

    private void dac(Call call) {
        switch (call.al()) {
            case 0x10 -> registers.setColour(call.bl(), call.dh() << 16 | call.ch() << 8 | call.cl());
            case 0x12 -> setBlock(call);
            case 0x13 -> selectPage(call.bl(), call.bh());
            case 0x15 -> {
                int colour = registers.colour(call.bl());
                call.dh(colour >> 16);
                call.cx(colour & 0xFFFF);
            }
            case 0x17 -> readBlock(call);
            case 0x18 -> registers.setColourMask(call.bl());
            case 0x19 -> call.bl(registers.colourMask());
            case 0x1A -> readPage(call);
            case 0x1B -> makeGrey(call.bx() & 0xFF, call.cx());
            default -> {
                // There is no such function: the registers stay.
            }
        }
    }

    private void setBlock(Call call) {
        int offset = call.dx();
        for (int i = call.bl(); i < end(call); i++) {
            int colour = 0;
            for (int part = 0; part < 3; part++) {
                colour = colour << Byte.SIZE | call.memory().readByte(call.es(), offset++);
            }
            registers.setColour(i, colour);
        }
    }

    private void readBlock(Call call) {
        int offset = call.dx();
        for (int i = call.bl(); i < end(call); i++) {
            int colour = registers.colour(i);
            for (int shift = 16; shift >= 0; shift -= Byte.SIZE) {
                call.memory().writeByte(call.es(), offset++, colour >> shift);
            }
        }
    }

    private static int end(Call call) {
        return Math.min(call.bl() + call.cx(), VgaRegisters.COLOURS);
    }

    /** Colours in 4 pages of 64 or 16 pages of 16. */
    private void selectPage(int what, int value) {
        if (what == 0) {
            setBit(PAGED_BY_16_BIT, (value & 1) != 0);
        } else if (what == 1) {
            boolean isBy16 = (registers.attribute(VgaRegisters.ATTRIBUTE_MODE) & PAGED_BY_16_BIT) != 0;
            registers.setAttribute(VgaRegisters.COLOUR_SELECT, (isBy16 ? value : value << 2) & 0x0F);
        }
    }

    private void readPage(Call call) {
        int isBy16 = registers.attribute(VgaRegisters.ATTRIBUTE_MODE) >> 7 & 1;
        int page = registers.attribute(VgaRegisters.COLOUR_SELECT) & 0x0F;
        call.bl(isBy16);
        call.bh(isBy16 != 0 ? page : page >> 2);
    }

    private void makeGrey(int first, int count) {
        for (int i = first; i < Math.min(first + count, VgaRegisters.COLOURS); i++) {
            registers.setColour(i, DefaultColours.grey(registers.colour(i)));
        }
    }
}
