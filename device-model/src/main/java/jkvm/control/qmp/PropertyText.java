package jkvm.control.qmp;

import jkvm.device.board.Property;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.image.DriveSpec;
import jkvm.host.netdev.NetdevSpec;
import jkvm.json.Json;

/** Writes values of devices' properties as QEMU does. */
final class PropertyText {
    private static final int MAC_BYTES = 6;

    private PropertyText() {
    }

    /** @param value of the property's type */
    static Json json(Property<?> property, Object value) {
        return switch (value) {
            case Boolean flag -> new Json.Flag(flag);
            case Integer number -> new Json.Whole(number);
            case Long number -> property.kind() == Property.Kind.MAC ? new Json.Text(mac(number))
                    : new Json.Whole(number);
            case ChardevSpec chardev -> new Json.Text(chardev.label());
            case DriveSpec drive -> new Json.Text(drive.id());
            case NetdevSpec netdev -> new Json.Text(netdev.id());
            default -> new Json.Text(value.toString());
        };
    }

    private static String mac(long address) {
        StringBuilder text = new StringBuilder();
        for (int shift = (MAC_BYTES - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            text.append(text.isEmpty() ? "" : ":").append("%02x".formatted(address >> shift & 0xFF));
        }
        return text.toString();
    }
}
