package jkvm.device.board;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.image.DriveSpec;
import jkvm.host.netdev.NetdevSpec;

/**
 * A property of a device: its name, the type and range of its values, its default and its help text. Compared by
 * identity: a device type keeps its properties in constants.
 *
 * <pre>{@code
 * static final Property<Integer> IOBASE = Property.number("iobase", 0, 0xffff, "first I/O port").or(0x501);
 * }</pre>
 *
 * @param <T> of its values
 */
public final class Property<T> {
    /** How a value is written on the command line, and what it stands for. */
    public enum Kind {
        /** An {@code int}. */
        NUMBER,
        /** A {@code long}. */
        ADDRESS,
        /** {@code on} or {@code off}. */
        FLAG,
        TEXT,
        /** A file's name. */
        FILE,
        /** A network card's address, 48 bits in a {@code long}, the first byte highest. */
        MAC,
        /** {@code SLOT[.FUNCTION]}, both hexadecimal, as {@code slot * 8 + function}. */
        PCI_ADDRESS,
        /** The id of a chardev, a drive or a network that another option declares. */
        CHARDEV, DRIVE, NETDEV,
        /** The id of an object that another option makes; its type begins with the one of {@link #accepted()}. */
        OBJECT,
        /** One of {@link #accepted()}: QEMU has a choice there. */
        FIXED,
        /** One of {@link #accepted()}. */
        CHOICE,
        /** None: QEMU has it, jkvm refuses it with {@link #help()} as the reason. */
        REFUSED
    }

    /** Which values there are. */
    private record Values<T>(Kind kind, Class<T> type, long low, long high, List<String> accepted) {
        static <T> Values<T> any(Kind kind, Class<T> type) {
            return new Values<>(kind, type, 0, 0, List.of());
        }
    }

    private final String name;
    private final Values<T> values;
    private final Optional<T> absent;
    private final boolean required;
    private final String help;

    private Property(String name, Values<T> values, Optional<T> absent, boolean required, String help) {
        this.name = name;
        this.values = values;
        this.absent = absent;
        this.required = required;
        this.help = help;
    }

    private static <T> Property<T> of(String name, Kind kind, Class<T> type, String help) {
        return new Property<>(name, Values.any(kind, type), Optional.empty(), false, help);
    }

    /** A number from {@code low} to {@code high}. */
    public static Property<Integer> number(String name, int low, int high, String help) {
        Values<Integer> values = new Values<>(Kind.NUMBER, Integer.class, low, high, List.of());
        return new Property<>(name, values, Optional.empty(), false, help);
    }

    /** A guest physical address. */
    public static Property<Long> address(String name, String help) {
        return of(name, Kind.ADDRESS, Long.class, help);
    }

    /** {@code on} or {@code off}. */
    public static Property<Boolean> flag(String name, String help) {
        return of(name, Kind.FLAG, Boolean.class, help);
    }

    /** Any text. */
    public static Property<String> text(String name, String help) {
        return of(name, Kind.TEXT, String.class, help);
    }

    /** The name of a file of the host. */
    public static Property<Path> file(String name, String help) {
        return of(name, Kind.FILE, Path.class, help);
    }

    /** A network card's address; without it each card gets the next of QEMU's. */
    public static Property<Long> mac(String name) {
        return of(name, Kind.MAC, Long.class, "Ethernet 6-byte MAC Address, example: 52:54:00:12:34:56");
    }

    /** A slot and a function of the PCI bus. */
    public static Property<Integer> pciAddress(String name) {
        return of(name, Kind.PCI_ADDRESS, Integer.class, "Slot and optional function number, example: 06.0 or 06");
    }

    /** The id of a chardev, its host side. */
    public static Property<ChardevSpec> chardev(String name) {
        return of(name, Kind.CHARDEV, ChardevSpec.class, "ID of a chardev to use as a backend");
    }

    /** The id of a drive, its host side. */
    public static Property<DriveSpec> drive(String name) {
        return of(name, Kind.DRIVE, DriveSpec.class, "ID of a block device to use as a backend");
    }

    /** The id of a network, its host side. */
    public static Property<NetdevSpec> netdev(String name) {
        return of(name, Kind.NETDEV, NetdevSpec.class, "ID of a netdev to use as a backend");
    }

    /**
     * The id of an object that serves the device.
     *
     * @param types how the names of the types begin that it may have
     */
    public static Property<String> object(String name, String types, String help) {
        return new Property<>(name, new Values<>(Kind.OBJECT, String.class, 0, 0, List.of(types)), Optional.empty(),
                false, help);
    }

    /** A choice of QEMU's that jkvm makes itself: any other value than these is refused. */
    public static Property<String> fixed(String name, String... accepted) {
        Values<String> values = new Values<>(Kind.FIXED, String.class, 0, 0, List.of(accepted));
        return new Property<>(name, values, Optional.empty(), false, String.join(" or ", accepted) + " only");
    }

    /** One of these words. */
    public static Property<String> choice(String name, String... accepted) {
        Values<String> values = new Values<>(Kind.CHOICE, String.class, 0, 0, List.of(accepted));
        return new Property<>(name, values, Optional.empty(), false, String.join("/", accepted));
    }

    /**
     * One of QEMU's that is refused.
     *
     * @param reason what to do instead
     */
    public static Property<String> refused(String name, String reason) {
        return of(name, Kind.REFUSED, String.class, reason);
    }

    /** The same with a value that holds where none is given. */
    public Property<T> or(T value) {
        return new Property<>(name, values, Optional.of(value), required, help);
    }

    /** The same, refused where it is absent. */
    public Property<T> require() {
        return new Property<>(name, values, absent, true, help);
    }

    /** As the command line writes it. */
    public String name() {
        return name;
    }

    /** The kind of its values, which says how they are written. */
    public Kind kind() {
        return values.kind;
    }

    /** The smallest {@link Kind#NUMBER}. */
    public int low() {
        return (int) values.low;
    }

    /** The largest {@link Kind#NUMBER}. */
    public int high() {
        return (int) values.high;
    }

    /** The values of a {@link Kind#FIXED}, a {@link Kind#CHOICE} or, how types begin, a {@link Kind#OBJECT}. */
    public List<String> accepted() {
        return values.accepted;
    }

    /** The default; empty if the device decides. */
    public Optional<T> absent() {
        return absent;
    }

    /** True where a device is refused without it. */
    public boolean isRequired() {
        return required;
    }

    /** One line, without its range and default. */
    public String help() {
        return help;
    }

    /**
     * Checks a value's type, and a number's range.
     *
     * @throws ClassCastException       if it is of another type
     * @throws IllegalArgumentException if it is out of range
     */
    void check(Object value) {
        T typed = cast(value);
        if (values.kind == Kind.NUMBER && typed instanceof Integer number
                && (number < values.low || number > values.high)) {
            throw new IllegalArgumentException("property %s: %d, must be from %d to %d".formatted(name, number,
                    values.low, values.high));
        }
    }

    T cast(Object value) {
        return values.type.cast(value);
    }

    /** QEMU's name for the type of the values. */
    public String typeName() {
        return switch (values.kind) {
            case NUMBER -> values.low < 0 ? "int32" : values.high <= 0xFF ? "uint8"
                    : values.high <= 0xFFFF ? "uint16" : "uint32";
            case ADDRESS -> "uint64";
            case FLAG -> "bool";
            case PCI_ADDRESS -> "int32";
            case OBJECT -> "link";
            case TEXT, FILE, MAC, CHARDEV, DRIVE, NETDEV, FIXED, CHOICE, REFUSED -> "str";
        };
    }

    @Override
    public String toString() {
        return name;
    }
}
