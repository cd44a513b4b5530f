package jkvm.device.usb.hid;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The descriptors of a {@link HidDevice} (USB 2.0 section 9.6, HID section 6.2), with QEMU's ids and names: systems
 * know its tablet by them.
 *
 * @param product    its name
 * @param serial     its serial number
 * @param subclass   1 if firmware can use it by the boot protocol
 * @param protocol   1 for a keyboard, 2 for a mouse, 0 for neither
 * @param report     the report descriptor
 * @param reportSize bytes of an input report
 * @param interval   between two questions: 2 to the power of one less, in microframes of 125 µs
 */
record HidDescriptors(String product, String serial, int subclass, int protocol, byte[] report, int reportSize,
        int interval) {
    private static final int VENDOR = 0x0627;
    private static final int PRODUCT = 0x0001;
    private static final int DEVICE = 1;
    private static final int CONFIGURATION = 2;
    private static final int STRING = 3;
    private static final int INTERFACE = 4;
    private static final int ENDPOINT = 5;
    private static final int HID = 0x21;
    private static final int REPORT = 0x22;
    private static final int HID_CLASS = 3;
    private static final int MAX_PACKET = 64;
    private static final int SELF_POWERED_WAKES = 0xA0;
    private static final int MILLIAMPERES_100 = 50;
    private static final int ENGLISH = 0x0409;

    /** A descriptor by its type and index; null for none. */
    byte[] find(int typeAndIndex) {
        int index = typeAndIndex & 0xFF;
        return switch (typeAndIndex >>> 8) {
            case DEVICE -> device();
            case CONFIGURATION -> index == 0 ? configuration() : null;
            case STRING -> string(index);
            case HID -> hid();
            case REPORT -> report;
            default -> null;
        };
    }

    private static byte[] device() {
        return bytes(18, DEVICE, 0x00, 0x02, 0, 0, 0, MAX_PACKET, VENDOR & 0xFF, VENDOR >>> 8, PRODUCT, 0, 0, 0, 1, 2,
                3, 1);
    }

    private byte[] configuration() {
        byte[] hid = hid();
        byte[] head = bytes(9, CONFIGURATION, 9 + 9 + hid.length + 7, 0, 1, 1, 0, SELF_POWERED_WAKES,
                MILLIAMPERES_100);
        byte[] function = bytes(9, INTERFACE, 0, 0, 1, HID_CLASS, subclass, protocol, 0);
        byte[] endpoint = bytes(7, ENDPOINT, 0x80 | HidDevice.ENDPOINT, 3, HidDevice.MAX_REPORT, 0, interval);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head);
        all.writeBytes(function);
        all.writeBytes(hid);
        all.writeBytes(endpoint);
        return all.toByteArray();
    }

    private byte[] hid() {
        return bytes(9, HID, 0x11, 0x01, 0, 1, REPORT, report.length & 0xFF, report.length >>> 8);
    }

    private byte[] string(int index) {
        return switch (index) {
            case 0 -> bytes(4, STRING, ENGLISH & 0xFF, ENGLISH >>> 8);
            case 1 -> string("QEMU");
            case 2 -> string(product);
            case 3 -> string(serial);
            default -> null;
        };
    }

    private static byte[] string(String text) {
        byte[] utf16 = text.getBytes(StandardCharsets.UTF_16LE);
        byte[] descriptor = new byte[2 + utf16.length];
        descriptor[0] = (byte) descriptor.length;
        descriptor[1] = STRING;
        System.arraycopy(utf16, 0, descriptor, 2, utf16.length);
        return descriptor;
    }

    /** Numbers as bytes. */
    static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
