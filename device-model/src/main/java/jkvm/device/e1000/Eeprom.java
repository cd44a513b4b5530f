package jkvm.device.e1000;

import jkvm.device.pci.PciIdentity;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The 93C46 Microwire EEPROM of 64 words (manual section 5), read by EERD or bit by bit by EECD. It is write-protected.
 * Guarded by the device's lock.
 */
final class Eeprom {
    static final int WORDS = 64;
    private static final int CHECKSUM = 0xBABA;
    /** Valid, and vendor, device and subsystem are to be taken from here. */
    private static final int INIT_CONTROL_1_WORD = 0x0A;
    private static final int SUBSYSTEM_WORD = 0x0B;
    private static final int SUBSYSTEM_VENDOR_WORD = 0x0C;
    private static final int DEVICE_WORD = 0x0D;
    private static final int VENDOR_WORD = 0x0E;
    private static final int INIT_CONTROL_2_WORD = 0x0F;
    private static final int PAUSE_BITS = 0x3000;
    private static final int INIT_CONTROL_3_WORD = 0x24;
    private static final int APM_ENABLE_BIT = 0x0400;
    private static final int CHECKSUM_WORD = 0x3F;

    private static final int EERD_START_BIT = 1;
    private static final int EERD_DONE_BIT = 1 << 4;

    private static final int CLOCK_BIT = 1;
    private static final int SELECT_BIT = 1 << 1;
    private static final int DATA_IN_BIT = 1 << 2;
    private static final int DATA_OUT_BIT = 1 << 3;
    private static final int FLASH_MASK = 0x30;
    private static final int REQUEST_BIT = 1 << 6;
    private static final int GRANT_BIT = 1 << 7;
    private static final int PRESENT_BIT = 1 << 8;
    private static final int CONTROL_MASK = CLOCK_BIT | SELECT_BIT | DATA_IN_BIT | FLASH_MASK | REQUEST_BIT;
    private static final int DEFAULT_CONTROL = 0x10;

    /** A start bit, a two-bit opcode and a six-bit address. */
    private static final int COMMAND_BITS = 9;
    private static final int READ_OPCODE = 0b110;

    private final int[] words = new int[WORDS];
    private int control;
    private int readRegister;
    /** The bits received since the start bit. */
    private int shiftIn;
    private int bitsIn;
    private boolean reading;
    private int address;
    /** The bit of the word that is on the wire, from 15 down; 16 is the zero in front of the first word. */
    private int bitOut;
    private boolean dataOut;

    /** @param mac six bytes */
    Eeprom(byte[] mac) {
        for (int i = 0; i < 3; i++) {
            words[i] = mac[2 * i] & 0xFF | (mac[2 * i + 1] & 0xFF) << 8;
        }
        for (int i = 0x03; i < CHECKSUM_WORD; i++) {
            words[i] = 0xFFFF;
        }
        words[INIT_CONTROL_1_WORD] = 0x4003;
        words[SUBSYSTEM_WORD] = PciIdentity.QEMU_SUBSYSTEM;
        words[SUBSYSTEM_VENDOR_WORD] = PciIdentity.VIRTIO;
        words[DEVICE_WORD] = E1000.DEVICE;
        words[VENDOR_WORD] = PciIdentity.INTEL;
        words[INIT_CONTROL_2_WORD] = PAUSE_BITS;
        words[INIT_CONTROL_3_WORD] = APM_ENABLE_BIT;
        int sum = 0;
        for (int i = 0; i < CHECKSUM_WORD; i++) {
            sum += words[i];
        }
        words[CHECKSUM_WORD] = CHECKSUM - sum & 0xFFFF;
        reset();
    }

    /** The interface, not the contents. */
    void reset() {
        control = DEFAULT_CONTROL;
        readRegister = 0;
        deselect();
    }

    private void deselect() {
        shiftIn = 0;
        bitsIn = 0;
        reading = false;
        dataOut = true;
    }

    int word(int index) {
        return words[index];
    }

    void writeEerd(int value) {
        readRegister = value & 0xFF00;
        if ((value & EERD_START_BIT) != 0) {
            int index = value >>> 8 & 0xFF;
            readRegister |= EERD_DONE_BIT | (index < WORDS ? words[index] << 16 : 0);
        }
    }

    int readEerd() {
        return readRegister;
    }

    int readEecd() {
        int granted = (control & REQUEST_BIT) != 0 ? GRANT_BIT : 0;
        return control | granted | PRESENT_BIT | (dataOut ? DATA_OUT_BIT : 0);
    }

    void writeEecd(int value) {
        int rising = value & ~control & CLOCK_BIT;
        control = value & CONTROL_MASK;
        if ((control & SELECT_BIT) == 0) {
            deselect();
        } else if (rising != 0) {
            clock((control & DATA_IN_BIT) != 0);
        }
    }

    private void clock(boolean in) {
        if (reading) {
            shiftOut();
            return;
        }
        if (bitsIn == 0 && !in) {
            return;
        }
        shiftIn = shiftIn << 1 | (in ? 1 : 0);
        bitsIn++;
        if (bitsIn == COMMAND_BITS) {
            reading = shiftIn >>> 6 == READ_OPCODE;
            address = shiftIn & WORDS - 1;
            shiftIn = 0;
            bitsIn = 0;
            bitOut = 16;
            dataOut = !reading;
        }
    }

    /** Words follow one another for as long as the chip stays selected. */
    private void shiftOut() {
        bitOut--;
        if (bitOut < 0) {
            bitOut = 15;
            address = address + 1 & WORDS - 1;
        }
        dataOut = (words[address] >>> bitOut & 1) != 0;
    }

    void save(StateWriter out) {
        for (int word : words) {
            out.putInt("word", word);
        }
        out.putInt("control", control);
        out.putInt("eerd", readRegister);
        out.putInt("shift", shiftIn);
        out.putInt("bits", bitsIn);
        out.putBoolean("reading", reading);
        out.putInt("address", address);
        out.putInt("bit", bitOut);
        out.putBoolean("out", dataOut);
    }

    void load(StateReader in) {
        for (int i = 0; i < WORDS; i++) {
            words[i] = in.getInt("word", 0, 0xFFFF);
        }
        control = in.getInt("control") & CONTROL_MASK;
        readRegister = in.getInt("eerd");
        shiftIn = in.getInt("shift", 0, 0x1FF);
        bitsIn = in.getInt("bits", 0, COMMAND_BITS - 1);
        reading = in.getBoolean("reading");
        address = in.getInt("address", 0, WORDS - 1);
        bitOut = in.getInt("bit", 0, 16);
        dataOut = in.getBoolean("out");
    }
}
