package jkvm.device.vga;

import jkvm.device.board.DeviceMemory;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.VmClock;

/**
 * A VGA with Bochs' display interface, apart from any bus: registers, memory, and the byte-wide ports 3B0h to 3DFh. Its
 * monitor guards all of its parts. Any thread may call.
 */
final class VgaCore {
    private static final int STATE_VERSION = 1;
    static final int FIRST_PORT = 0x3B0;
    private static final int MONO_INDEX = 0x3B4;
    private static final int MONO_DATA = 0x3B5;
    private static final int MONO_STATUS = 0x3BA;
    private static final int ATTRIBUTE = 0x3C0;
    private static final int ATTRIBUTE_READ = 0x3C1;
    private static final int MISC = 0x3C2;
    private static final int SEQUENCER_INDEX = 0x3C4;
    private static final int SEQUENCER_DATA = 0x3C5;
    private static final int DAC_MASK = 0x3C6;
    private static final int DAC_READ_INDEX = 0x3C7;
    private static final int DAC_WRITE_INDEX = 0x3C8;
    private static final int DAC_DATA = 0x3C9;
    private static final int FEATURE_READ = 0x3CA;
    private static final int MISC_READ = 0x3CC;
    private static final int GRAPHICS_INDEX = 0x3CE;
    private static final int GRAPHICS_DATA = 0x3CF;
    private static final int COLOUR_INDEX = 0x3D4;
    private static final int COLOUR_DATA = 0x3D5;
    private static final int COLOUR_STATUS = 0x3DA;
    private static final int COLOUR_PORTS = 0x3D0;
    private static final int ABSENT = 0xFF;

    private final VgaRegisters registers = new VgaRegisters();
    private final Dac dac = new Dac();
    private final Dispi dispi;
    private final Vram vram;
    private final LegacyWindow window;
    private final Retrace retrace;

    VgaCore(DeviceMemory memory, VmClock clock) {
        vram = new Vram(this, memory);
        dispi = new Dispi(vram.size(), new DispiEffects());
        window = new LegacyWindow(this, registers, dispi, vram);
        retrace = new Retrace(clock);
    }

    VgaRegisters registers() {
        return registers;
    }

    Dac dac() {
        return dac;
    }

    Dispi dispi() {
        return dispi;
    }

    Vram vram() {
        return vram;
    }

    LegacyWindow window() {
        return window;
    }

    private final class DispiEffects implements Dispi.Listener {
        @Override
        public void modeChanged() {
            forceRegisters();
        }

        @Override
        public void clear(int length) {
            vram.clear(length);
        }

        @Override
        public void eightBitDac(boolean on) {
            dac.setEightBits(on);
        }
    }

    /** In a mode of the display interface the VGA's registers are as it needs them, whatever the guest writes there. */
    private void forceRegisters() {
        if (!dispi.isEnabled()) {
            return;
        }
        boolean isPlanar = dispi.bits() == 4;
        int lastLine = dispi.height() - 1;
        int misc = registers.graphics(VgaRegisters.GR_MISC);
        registers.setGraphics(VgaRegisters.GR_MISC, misc & ~0x0C | 0x04 | VgaRegisters.MISC_GRAPHICS_BIT);
        registers.setCrtc(VgaRegisters.CR_MODE, registers.crtc(VgaRegisters.CR_MODE) | 3);
        registers.setCrtc(VgaRegisters.CR_OFFSET, dispi.lineBytes() >> 3);
        registers.setCrtc(VgaRegisters.CR_WIDTH, (dispi.width() >> 3) - 1);
        registers.setCrtc(VgaRegisters.CR_HEIGHT, lastLine);
        registers.setCrtc(VgaRegisters.CR_OVERFLOW, registers.crtc(VgaRegisters.CR_OVERFLOW) & ~0x42
                | lastLine >> 7 & 0x02 | lastLine >> 3 & 0x40 | VgaRegisters.LINE_COMPARE_8_BIT);
        registers.setCrtc(VgaRegisters.CR_LINE_COMPARE, 0xFF);
        registers.setCrtc(VgaRegisters.CR_ROW_HEIGHT, registers.crtc(VgaRegisters.CR_ROW_HEIGHT) & ~0x9F | 0x40);
        if (isPlanar) {
            registers.setSequencer(VgaRegisters.SEQ_CLOCKING,
                    registers.sequencer(VgaRegisters.SEQ_CLOCKING) & ~VgaRegisters.CLOCKING_HALF_BIT);
        } else {
            registers.setSequencer(VgaRegisters.SEQ_MEMORY_MODE,
                    registers.sequencer(VgaRegisters.SEQ_MEMORY_MODE) | VgaRegisters.MEMORY_CHAIN_4_BIT);
            registers.setSequencer(VgaRegisters.SEQ_PLANE_MASK, 0x0F);
        }
        int shift = isPlanar ? 0 : 2;
        registers.setGraphics(VgaRegisters.GR_MODE, registers.graphics(VgaRegisters.GR_MODE) & ~0x60
                | shift << VgaRegisters.MODE_SHIFT_SHIFT);
    }

    /** The CRT controller answers at one of two places. */
    private boolean isElsewhere(int port) {
        return port < ATTRIBUTE ? registers.isColour() : port >= COLOUR_PORTS && !registers.isColour();
    }

    synchronized int readPort(int port) {
        if (isElsewhere(port)) {
            return ABSENT;
        }
        return switch (port) {
            case ATTRIBUTE -> registers.readAttributeIndex();
            case ATTRIBUTE_READ -> registers.readAttribute();
            case SEQUENCER_INDEX -> registers.sequencerIndex();
            case SEQUENCER_DATA -> registers.sequencer(registers.sequencerIndex());
            case DAC_MASK -> dac.mask();
            case DAC_READ_INDEX -> dac.state();
            case DAC_WRITE_INDEX -> dac.writeIndex();
            case DAC_DATA -> dac.readData();
            case FEATURE_READ -> registers.feature();
            case MISC_READ -> registers.misc();
            case GRAPHICS_INDEX -> registers.graphicsIndex();
            case GRAPHICS_DATA -> registers.graphics(registers.graphicsIndex());
            case MONO_INDEX, COLOUR_INDEX -> registers.crtcIndex();
            case MONO_DATA, COLOUR_DATA -> registers.crtc(registers.crtcIndex());
            case MONO_STATUS, COLOUR_STATUS -> {
                registers.expectAttributeIndex();
                yield retrace.status();
            }
            default -> 0;
        };
    }

    synchronized void writePort(int port, int value) {
        if (isElsewhere(port)) {
            return;
        }
        switch (port) {
            case ATTRIBUTE -> registers.writeAttribute(value);
            case MISC -> {
                registers.setMisc(value);
                retrace.update(registers);
            }
            case SEQUENCER_INDEX -> registers.setSequencerIndex(value);
            case SEQUENCER_DATA -> {
                registers.setSequencer(registers.sequencerIndex(), value);
                retrace.update(registers);
            }
            case DAC_MASK -> dac.setMask(value);
            case DAC_READ_INDEX -> dac.setReadIndex(value);
            case DAC_WRITE_INDEX -> dac.setWriteIndex(value);
            case DAC_DATA -> dac.writeData(value);
            case GRAPHICS_INDEX -> registers.setGraphicsIndex(value);
            case GRAPHICS_DATA -> {
                registers.setGraphics(registers.graphicsIndex(), value);
                forceRegisters();
            }
            case MONO_INDEX, COLOUR_INDEX -> registers.setCrtcIndex(value);
            case MONO_DATA, COLOUR_DATA -> {
                registers.writeCrtc(value);
                forceRegisters();
                retrace.update(registers);
            }
            case MONO_STATUS, COLOUR_STATUS -> registers.setFeature(value);
            default -> {
                // The others cannot be written.
            }
        }
    }

    synchronized void reset() {
        registers.reset();
        dac.reset();
        dispi.reset();
        window.setLatch(0);
        retrace.update(registers);
    }

    synchronized void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        registers.save(out);
        dac.save(out);
        dispi.save(out);
        out.putInt("latch", window.latch());
        vram.save(out);
    }

    synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        registers.load(in);
        dac.load(in);
        dispi.load(in);
        window.setLatch(in.getInt("latch"));
        retrace.update(registers);
        vram.load(in);
    }
}
