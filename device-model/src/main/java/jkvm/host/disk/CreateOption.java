package jkvm.host.disk;

import java.util.List;
import java.util.Optional;

/**
 * An option of new images, as {@code qemu-img create -o} takes it. A driver's list of them is all that help, checks and
 * the "Formatting" line are made from.
 *
 * @param name   QEMU's
 * @param type   which values it takes
 * @param preset the text that stands for an absent value where options are printed; empty prints nothing then
 * @param help   the words behind it in {@code -o help}
 */
public record CreateOption(String name, Type type, Optional<String> preset, String help) {
    /** The kinds of values. */
    public enum Type {
        TEXT("str"), SIZE("size"), NUMBER("num"), FLAG("bool (on/off)");

        private final String placeholder;

        Type(String placeholder) {
            this.placeholder = placeholder;
        }

        /** The word for a value in help. */
        public String placeholder() {
            return placeholder;
        }
    }

    /** Names that several formats have. */
    public static final String SIZE = "size", BACKING_FILE = "backing_file", BACKING_FORMAT = "backing_fmt",
            PREALLOCATION = "preallocation", NOCOW = "nocow", EXTENT_SIZE_HINT = "extent_size_hint";

    /** The options of the file under an image; a format's own option of the same name stands in its place. */
    public static final List<CreateOption> OF_FILE = List.of(size(SIZE, "Virtual disk size"),
            flag(NOCOW, "Turn off copy-on-write (valid only on btrfs)"),
            text(PREALLOCATION, "Preallocation mode (allowed values: off, falloc, full)"),
            size(EXTENT_SIZE_HINT, "Extent size hint for the image file, 0 to disable"));

    public static CreateOption text(String name, String help) {
        return new CreateOption(name, Type.TEXT, Optional.empty(), help);
    }

    public static CreateOption size(String name, String help) {
        return new CreateOption(name, Type.SIZE, Optional.empty(), help);
    }

    public static CreateOption number(String name, String help) {
        return new CreateOption(name, Type.NUMBER, Optional.empty(), help);
    }

    public static CreateOption flag(String name, String help) {
        return new CreateOption(name, Type.FLAG, Optional.empty(), help);
    }

    /** The same under a longer name. */
    public CreateOption withPrefix(String prefix) {
        return new CreateOption(prefix + name, type, preset, help);
    }

    public CreateOption withPreset(String value) {
        return new CreateOption(name, type, Optional.of(value), help);
    }
}
