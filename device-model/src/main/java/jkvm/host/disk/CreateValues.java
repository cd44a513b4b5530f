package jkvm.host.disk;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import jkvm.host.disk.DiskException.Kind;

/**
 * The values of a new image's options, by name, in QEMU's spelling. Immutable; any thread may use it.
 *
 * <p>{@code CreateValues.ofSize(1 << 30).with("cluster_size", "4k")} is a disk of 1 GiB with small clusters. The driver
 * says which names there are: {@link FormatDriver#createOptions()}.
 */
public final class CreateValues {
    private static final CreateValues NONE = new CreateValues(Map.of());

    private final Map<String, String> texts;

    private CreateValues(Map<String, String> texts) {
        this.texts = texts;
    }

    public static CreateValues none() {
        return NONE;
    }

    /** @param bytes the disk's size */
    public static CreateValues ofSize(long bytes) {
        return NONE.with(CreateOption.SIZE, Long.toString(bytes));
    }

    /** The same, with one more value; the last of a name counts. */
    public CreateValues with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(texts);
        more.put(name, value);
        return new CreateValues(more);
    }

    /** The same, with a backing file's name and format. */
    public CreateValues withBacking(String file, ImageFormat format) {
        return with(CreateOption.BACKING_FILE, file).with(CreateOption.BACKING_FORMAT, format.text());
    }

    public boolean has(String name) {
        return texts.containsKey(name);
    }

    /** Those whose names begin with a prefix, without it. */
    public CreateValues within(String prefix) {
        Map<String, String> some = new LinkedHashMap<>();
        texts.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                some.put(name.substring(prefix.length()), value);
            }
        });
        return new CreateValues(some);
    }

    public boolean isEmpty() {
        return texts.isEmpty();
    }

    /** The disk's size in bytes, as it was given; 0 if it was not. */
    public long size() throws IOException {
        return bytes(CreateOption.SIZE).orElse(0);
    }

    public Optional<String> text(String name) {
        return Optional.ofNullable(texts.get(name));
    }

    public OptionalLong bytes(String name) throws IOException {
        String text = texts.get(name);
        if (text == null) {
            return OptionalLong.empty();
        }
        OptionalLong bytes = ByteSize.parse(text);
        if (bytes.isEmpty()) {
            throw invalid("Parameter '" + name + "' expects a non-negative number below 2^64, maybe with the suffix"
                    + " k, M, G, T, P or E");
        }
        return bytes;
    }

    public OptionalLong number(String name) throws IOException {
        String text = texts.get(name);
        try {
            return text == null ? OptionalLong.empty() : OptionalLong.of(Long.decode(text.strip()));
        } catch (NumberFormatException _) {
            throw invalid("Parameter '" + name + "' expects a number");
        }
    }

    public Optional<Boolean> flag(String name) throws IOException {
        String text = texts.get(name);
        return text == null ? Optional.empty() : Optional.of(switch (text) {
            case "on", "yes", "true", "y" -> true;
            case "off", "no", "false", "n" -> false;
            default -> throw invalid("Parameter '" + name + "' expects 'on' or 'off'");
        });
    }

    /**
     * Refuses names that are not in a format's options, and values of the wrong type.
     *
     * @throws ImageException if there are such
     */
    public void check(Iterable<CreateOption> options) throws IOException {
        Map<String, CreateOption> known = new LinkedHashMap<>();
        options.forEach(each -> known.put(each.name(), each));
        for (String name : texts.keySet()) {
            CreateOption option = known.get(name);
            if (option == null) {
                throw invalid("Invalid parameter '" + name + "'");
            }
            switch (option.type()) {
                case SIZE -> bytes(name);
                case NUMBER -> number(name);
                case FLAG -> flag(name);
                case TEXT -> { }
            }
        }
    }

    /** Options as {@code create} prints them: {@code size=1048576 preallocation=off}, in the order of the list. */
    public String describe(Iterable<CreateOption> options) throws IOException {
        StringBuilder line = new StringBuilder();
        for (CreateOption option : options) {
            String name = option.name();
            Optional<String> text = text(name).or(option::preset);
            if (text.isEmpty()) {
                continue;
            }
            String shown = switch (option.type()) {
                case SIZE -> has(name) ? Long.toUnsignedString(bytes(name).getAsLong()) : text.get();
                case NUMBER -> has(name) ? Long.toString(number(name).getAsLong()) : text.get();
                case TEXT -> text.get().replace(",", ",,");
                case FLAG -> text.get();
            };
            line.append(line.isEmpty() ? "" : " ").append(name).append('=').append(shown);
        }
        return line.toString();
    }

    private static ImageException invalid(String reason) {
        return new ImageException(Kind.INVALID_OPTION, reason);
    }
}
