package jkvm.device.platform;

import jkvm.bus.IoHandler;

/** Byte accesses as a guest's IN and OUT make them. */
final class Ports {
    private Ports() {
    }

    static int in(IoHandler device, int offset) {
        return (int) device.read(offset, 1) & 0xff;
    }

    static void out(IoHandler device, int offset, int value) {
        device.write(offset, 1, value);
    }

    static void out(IoHandler device, String text) {
        text.chars().forEach(c -> out(device, 0, c));
    }
}
