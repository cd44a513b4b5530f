package jkvm.device.usb.hid;

import java.util.List;
import jkvm.device.board.Board;
import jkvm.device.board.Category;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.board.UsbType;
import jkvm.device.usb.UsbDevice;
import jkvm.host.input.InputHub;

/** The entries of {@link HidKeyboard} and {@link HidPointer}. */
public final class HidType extends UsbType {
    public static final HidType KEYBOARD = new HidType("usb-kbd", "68284", HidKeyboard::new);
    public static final HidType MOUSE = new HidType("usb-mouse", "89126", HidPointer::mouse);
    public static final HidType TABLET = new HidType("usb-tablet", "28754", HidPointer::tablet);

    /** QEMU's, without the place that it appends. */
    private final String usualSerial;
    private final Maker maker;

    private interface Maker {
        HidDevice make(String name, String serial, InputHub hub);
    }

    private HidType(String name, String usualSerial, Maker maker) {
        super(name, Category.INPUT, "");
        this.usualSerial = usualSerial;
        this.maker = maker;
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of();
    }

    @Override
    public UsbDevice create(Board board, Properties properties) {
        HidDevice device = maker.make(properties.id(), properties.find(SERIAL).orElse(usualSerial), board.input());
        board.atEnd(device::close);
        return device;
    }
}
