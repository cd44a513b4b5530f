package jkvm.device.usb.hid;

import java.util.Arrays;
import jkvm.host.input.InputHub;
import jkvm.host.input.Key;
import jkvm.host.input.KeyboardSink;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** A keyboard with the boot protocol's reports: modifiers, a reserved byte, up to six keys (HID appendix B.1). */
public final class HidKeyboard extends HidDevice {
    private static final int KEYS = 6;
    private static final int FIRST_KEY = 2;
    private static final int ROLL_OVER = 1;
    private static final int NUM_LOCK_LED = 1;
    private static final int CAPS_LOCK_LED = 2;
    private static final int SCROLL_LOCK_LED = 4;
    private static final int ALL_LEDS =
            KeyboardSink.NUM_LOCK_BIT | KeyboardSink.CAPS_LOCK_BIT | KeyboardSink.SCROLL_LOCK_BIT;
    private static final int INTERVAL = 7;
    /** Usages from 0x04 to 0xE7 as bits, four longs of them. */
    private static final int WORDS = 4;
    private static final byte[] REPORT = HidDescriptors.bytes(
            0x05, 0x01, 0x09, 0x06, 0xA1, 0x01,
            // Modifiers: a bit each.
            0x05, 0x07, 0x19, 0xE0, 0x29, 0xE7, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x08, 0x81, 0x02,
            0x95, 0x01, 0x75, 0x08, 0x81, 0x01,
            // Lights: five bits of output.
            0x95, 0x05, 0x75, 0x01, 0x05, 0x08, 0x19, 0x01, 0x29, 0x05, 0x91, 0x02, 0x95, 0x01, 0x75, 0x03, 0x91, 0x01,
            // Keys: an array of six.
            0x95, 0x06, 0x75, 0x08, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x05, 0x07, 0x19, 0x00, 0x29, 0xFF, 0x81, 0x00,
            0xC0);

    private final InputHub.Plug plug;
    private final long[] down = new long[WORDS];
    private volatile int leds;

    /** @param hub where its keys come from */
    @SuppressWarnings("this-escape")
    public HidKeyboard(String name, String serial, InputHub hub) {
        super(name, new HidDescriptors("QEMU USB Keyboard", serial, 1, 1, REPORT, MAX_REPORT, INTERVAL));
        plug = hub.add(new Sink());
        plug.deactivate();
    }

    @Override
    void configured(boolean isInUse) {
        if (isInUse) {
            plug.activate();
        } else {
            plug.deactivate();
        }
    }

    private synchronized boolean stroke(Key key, boolean isDown) {
        int usage = HidUsages.of(key);
        long bit = 1L << usage;
        boolean wasDown = (down[usage / Long.SIZE] & bit) != 0;
        if (wasDown == isDown) {
            return true;
        }
        if (!hasRoom()) {
            return false;
        }
        down[usage / Long.SIZE] ^= bit;
        report(report());
        return true;
    }

    private byte[] report() {
        byte[] report = new byte[MAX_REPORT];
        report[0] = (byte) (down[WORDS - 1] >>> HidUsages.FIRST_MODIFIER % Long.SIZE);
        int count = 0;
        for (int usage = 0; usage < HidUsages.FIRST_MODIFIER; usage++) {
            if ((down[usage / Long.SIZE] & 1L << usage) != 0) {
                if (count < KEYS) {
                    report[FIRST_KEY + count] = (byte) usage;
                }
                count++;
            }
        }
        if (count > KEYS) {
            Arrays.fill(report, FIRST_KEY, MAX_REPORT, (byte) ROLL_OVER);
        }
        return report;
    }

    @Override
    void released() {
        Arrays.fill(down, 0);
        leds = 0;
        plug.changed();
    }

    @Override
    void output(byte[] report, int length) {
        if (length > 0) {
            leds = ((report[0] & NUM_LOCK_LED) != 0 ? KeyboardSink.NUM_LOCK_BIT : 0)
                    | ((report[0] & CAPS_LOCK_LED) != 0 ? KeyboardSink.CAPS_LOCK_BIT : 0)
                    | ((report[0] & SCROLL_LOCK_LED) != 0 ? KeyboardSink.SCROLL_LOCK_BIT : 0);
            plug.changed();
        }
    }

    @Override
    void saveInput(StateWriter out) {
        for (long word : down) {
            out.putLong("down", word);
        }
        out.putInt("leds", leds);
    }

    @Override
    void loadInput(StateReader in) {
        for (int i = 0; i < WORDS; i++) {
            down[i] = in.getLong("down");
        }
        leds = in.getInt("leds", 0, ALL_LEDS);
    }

    @Override
    public void close() {
        plug.close();
    }

    private final class Sink implements KeyboardSink {
        @Override
        public String name() {
            return "QEMU HID Keyboard";
        }

        @Override
        public boolean stroke(Key key, boolean isDown) {
            return HidKeyboard.this.stroke(key, isDown);
        }

        @Override
        public int leds() {
            return leds;
        }
    }
}
