package jkvm.control.hmp;

import java.util.HexFormat;
import jkvm.device.board.Property;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.image.DriveSpec;
import jkvm.host.netdev.NetdevSpec;

/** Values of devices' properties as QEMU's tree of devices shows them. */
final class PropertyText {
    private static final int MAC_DIGITS = 12;
    private static final int FUNCTION_BITS = 3;

    private PropertyText() {
    }

    /** @param value of the property's type */
    static String of(Property<?> property, Object value) {
        return switch (value) {
            case Boolean flag -> flag.toString();
            case Integer number when property.kind() == Property.Kind.PCI_ADDRESS ->
                    "%02x.%x".formatted(number >> FUNCTION_BITS, number & (1 << FUNCTION_BITS) - 1);
            case Integer number -> "%d (0x%x)".formatted(number, number);
            case Long number when property.kind() == Property.Kind.MAC -> quoted(
                    HexFormat.of().toHexDigits(number, MAC_DIGITS).replaceAll("(..)(?!$)", "$1:"));
            case Long number -> "%d (0x%x)".formatted(number, number);
            case ChardevSpec chardev -> quoted(chardev.label());
            case DriveSpec drive -> quoted(drive.id());
            case NetdevSpec network -> quoted(network.id());
            default -> quoted(value.toString());
        };
    }

    private static String quoted(String text) {
        return '"' + text + '"';
    }
}
