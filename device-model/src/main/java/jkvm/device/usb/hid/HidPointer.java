package jkvm.device.usb.hid;

import jkvm.host.input.Button;
import jkvm.host.input.InputEvent;
import jkvm.host.input.InputHub;
import jkvm.host.input.PointerSink;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * A mouse, which reports motion, or a tablet, which reports places on the screen; both with three buttons and a wheel.
 */
public final class HidPointer extends HidDevice {
    private static final int MOUSE_REPORT = 4;
    private static final int TABLET_REPORT = 6;
    private static final int MAX_STEP = 127;
    private static final int MOUSE_INTERVAL = 7;
    private static final int TABLET_INTERVAL = 4;
    private static final byte[] MOUSE = HidDescriptors.bytes(
            0x05, 0x01, 0x09, 0x02, 0xA1, 0x01, 0x09, 0x01, 0xA1, 0x00,
            0x05, 0x09, 0x19, 0x01, 0x29, 0x03, 0x15, 0x00, 0x25, 0x01, 0x95, 0x03, 0x75, 0x01, 0x81, 0x02,
            0x95, 0x01, 0x75, 0x05, 0x81, 0x01,
            0x05, 0x01, 0x09, 0x30, 0x09, 0x31, 0x09, 0x38, 0x15, 0x81, 0x25, 0x7F, 0x75, 0x08, 0x95, 0x03, 0x81, 0x06,
            0xC0, 0xC0);
    private static final byte[] TABLET = HidDescriptors.bytes(
            0x05, 0x01, 0x09, 0x02, 0xA1, 0x01, 0x09, 0x01, 0xA1, 0x00,
            0x05, 0x09, 0x19, 0x01, 0x29, 0x03, 0x15, 0x00, 0x25, 0x01, 0x95, 0x03, 0x75, 0x01, 0x81, 0x02,
            0x95, 0x01, 0x75, 0x05, 0x81, 0x01,
            // X and Y, 0 to 32767.
            0x05, 0x01, 0x09, 0x30, 0x09, 0x31, 0x15, 0x00, 0x26, 0xFF, 0x7F, 0x35, 0x00, 0x46, 0xFF, 0x7F,
            0x75, 0x10, 0x95, 0x02, 0x81, 0x02,
            // The wheel.
            0x05, 0x01, 0x09, 0x38, 0x15, 0x81, 0x25, 0x7F, 0x35, 0x00, 0x45, 0x00, 0x75, 0x08, 0x95, 0x01, 0x81, 0x06,
            0xC0, 0xC0);

    private final boolean isTablet;
    private final InputHub.Plug plug;
    private int buttons;
    private int x;
    private int y;

    private HidPointer(String name, HidDescriptors descriptors, boolean isTablet, InputHub hub) {
        super(name, descriptors);
        this.isTablet = isTablet;
        plug = hub.add(new Sink());
        plug.deactivate();
    }

    /** @param hub where its events come from */
    public static HidPointer mouse(String name, String serial, InputHub hub) {
        return new HidPointer(name, new HidDescriptors("QEMU USB Mouse", serial, 1, 2, MOUSE, MOUSE_REPORT,
                MOUSE_INTERVAL), false, hub);
    }

    /** @param hub where its events come from */
    public static HidPointer tablet(String name, String serial, InputHub hub) {
        return new HidPointer(name, new HidDescriptors("QEMU USB Tablet", serial, 0, 0, TABLET, TABLET_REPORT,
                TABLET_INTERVAL), true, hub);
    }

    @Override
    void configured(boolean isInUse) {
        if (isInUse) {
            plug.activate();
        } else {
            plug.deactivate();
        }
    }

    private synchronized boolean take(InputEvent.Pointer event) {
        if (!hasRoom()) {
            return false;
        }
        switch (event) {
            case InputEvent.Absolute(int newX, int newY) -> moveTo(newX, newY);
            case InputEvent.Relative(int dx, int dy) -> move(dx, dy);
            case InputEvent.Press(Button button, boolean isDown) -> press(button, isDown);
            case InputEvent.Wheel(int steps) -> turn(steps);
        }
        return true;
    }

    private void moveTo(int newX, int newY) {
        if (isTablet && (x != newX || y != newY)) {
            x = newX;
            y = newY;
            report(tabletReport(0));
        }
    }

    /** A motion that is too long for a report takes several. */
    private void move(int dx, int dy) {
        int leftX = isTablet ? 0 : dx;
        int leftY = isTablet ? 0 : dy;
        while ((leftX != 0 || leftY != 0) && hasRoom()) {
            int stepX = Math.clamp(leftX, -MAX_STEP, MAX_STEP);
            int stepY = Math.clamp(leftY, -MAX_STEP, MAX_STEP);
            leftX -= stepX;
            leftY -= stepY;
            report(mouseReport(stepX, stepY, 0));
        }
    }

    private void press(Button button, boolean isDown) {
        int bit = switch (button) {
            case LEFT -> 1;
            case RIGHT -> 2;
            case MIDDLE -> 4;
            case SIDE, EXTRA -> 0;
        };
        int now = isDown ? buttons | bit : buttons & ~bit;
        if (now != buttons) {
            buttons = now;
            report(isTablet ? tabletReport(0) : mouseReport(0, 0, 0));
        }
    }

    /** HID's wheel counts away from the user. */
    private void turn(int steps) {
        int wheel = Math.clamp(-steps, -MAX_STEP, MAX_STEP);
        report(isTablet ? tabletReport(wheel) : mouseReport(0, 0, wheel));
    }

    private byte[] tabletReport(int wheel) {
        return HidDescriptors.bytes(buttons, x, x >>> 8, y, y >>> 8, wheel);
    }

    private byte[] mouseReport(int dx, int dy, int wheel) {
        return HidDescriptors.bytes(buttons, dx, dy, wheel);
    }

    @Override
    void released() {
        buttons = 0;
    }

    @Override
    void output(byte[] report, int length) {
        // It has no lights.
    }

    @Override
    void saveInput(StateWriter out) {
        out.putInt("buttons", buttons);
        out.putInt("x", x);
        out.putInt("y", y);
    }

    @Override
    void loadInput(StateReader in) {
        buttons = in.getInt("buttons", 0, 7);
        x = in.getInt("x", 0, InputHub.MAX_ABSOLUTE);
        y = in.getInt("y", 0, InputHub.MAX_ABSOLUTE);
    }

    @Override
    public void close() {
        plug.close();
    }

    private final class Sink implements PointerSink {
        @Override
        public String name() {
            return isTablet ? "QEMU HID Tablet" : "QEMU HID Mouse";
        }

        @Override
        public boolean isAbsolute() {
            return isTablet;
        }

        @Override
        public boolean take(InputEvent.Pointer event) {
            return HidPointer.this.take(event);
        }
    }
}
