package jkvm.device.floppy;

import java.io.IOException;

/** A driver's accesses to a floppy and a DMA controller, whichever machine they are in. */
interface FloppyPorts {
    int OUTPUT = 0x3F2;
    int MAIN_STATUS = 0x3F4;
    int DATA = 0x3F5;
    int CHANGE = 0x3F7;
    int TO_MEMORY = 0x46;
    int FROM_MEMORY = 0x4A;
    int BUFFER = 0x10000;

    int in(int port) throws IOException;

    void out(int port, int value) throws IOException;

    /** Gives a command byte by byte while the controller takes it, and lets it work. */
    default void give(int... bytes) throws IOException {
        for (int value : bytes) {
            if ((in(MAIN_STATUS) & 0xC0) != 0x80) {
                return;
            }
            out(DATA, value);
        }
    }

    /** Takes a result, in hexadecimal digits; empty if there is none. */
    default String take() throws IOException {
        StringBuilder text = new StringBuilder();
        while ((in(MAIN_STATUS) & 0xF0) == 0xD0) {
            text.append("%02x ".formatted(in(DATA)));
        }
        return text.toString().strip();
    }

    /** A command and its result. */
    default String command(int... bytes) throws IOException {
        give(bytes);
        return take();
    }

    /** Resets the controller, hears of its four drives and turns drive A's motor on. */
    default void start() throws IOException {
        out(OUTPUT, 0);
        out(OUTPUT, 0x0C);
        for (int i = 0; i < 4; i++) {
            command(0x08);
        }
        out(OUTPUT, 0x1C);
    }

    /** Programs channel 2 for bytes of memory at {@link #BUFFER}. */
    default void program(int mode, int bytes) throws IOException {
        out(0x0A, 6);
        out(0x0C, 0);
        out(0x0B, mode);
        out(0x04, BUFFER & 0xFF);
        out(0x04, BUFFER >> 8 & 0xFF);
        out(0x81, BUFFER >> 16);
        out(0x05, bytes - 1 & 0xFF);
        out(0x05, bytes - 1 >> 8);
        out(0x0A, 2);
    }

    /** Address and count of channel 2, as far as it has come. */
    default String programmed() throws IOException {
        out(0x0C, 0);
        return "%02x %02x %02x %02x".formatted(in(0x04), in(0x04), in(0x05), in(0x05));
    }
}
