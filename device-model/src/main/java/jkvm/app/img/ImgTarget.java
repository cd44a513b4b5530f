package jkvm.app.img;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.app.options.OptionValues;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;

/** A new image as {@code create} and {@code convert} describe it: format, {@code -o} and backing file. */
final class ImgTarget {
    private final ImgArguments arguments;
    private final ImageFormat format;
    private final CreateValues values;
    private final Optional<ImageFormat> backingFormat;

    /** An image that is there: its format is all that is asked of it. */
    static ImgTarget there(ImgArguments arguments, ImageFormat format) {
        return new ImgTarget(arguments, format);
    }

    private ImgTarget(ImgArguments arguments, ImageFormat format) {
        this.arguments = arguments;
        this.format = format;
        this.values = CreateValues.none();
        this.backingFormat = Optional.empty();
    }

    /** @param backingOption the letter of the option that names the backing file */
    ImgTarget(ImgArguments arguments, ImageFormat format, String backingOption) {
        this.arguments = arguments;
        this.format = format;
        CreateValues found = values(arguments, DiskImages.createOptions(format));
        found = with(found, CreateOption.BACKING_FILE, "Backing file", arguments.value(backingOption));
        found = with(found, CreateOption.BACKING_FORMAT, "Backing file format", arguments.value("F"));
        this.values = found;
        check();
        this.backingFormat = values.text(CreateOption.BACKING_FORMAT).map(text -> DiskImages.format(text)
                .orElseThrow(() -> arguments.error("Unknown driver '" + text + "'")));
        if (values.text(CreateOption.BACKING_FILE).filter(String::isEmpty).isPresent()) {
            throw arguments.error("Expected backing file name, got empty string");
        }
        if (hasBackingFile() && backingFormat.isEmpty()) {
            throw arguments.error("Backing file specified without backing format: name it with -F");
        }
    }

    /**
     * The values that {@code -o} gives. A flag may be named alone, with {@code no} before it to turn it off.
     *
     * @param options those that there are
     */
    static CreateValues values(ImgArguments arguments, List<CreateOption> options) {
        CreateValues found = CreateValues.none();
        if (!arguments.has("o")) {
            return found;
        }
        String text = arguments.joined("o").get();
        if (text.isEmpty() || text.startsWith(",") || text.endsWith(",")) {
            throw arguments.error("Invalid option list: " + text);
        }
        for (var each : new OptionValues("-o", text, "").takeRest().entrySet()) {
            String name = each.getKey();
            boolean isOff = name.startsWith("no") && each.getValue().equals("on") && option(options, name).isEmpty()
                    && option(options, name.substring(2)).filter(of -> of.type() == CreateOption.Type.FLAG)
                            .isPresent();
            found = isOff ? found.with(name.substring(2), "off") : found.with(name, each.getValue());
        }
        return found;
    }

    private static Optional<CreateOption> option(List<CreateOption> options, String name) {
        return options.stream().filter(each -> each.name().equals(name)).findFirst();
    }

    private CreateValues with(CreateValues found, String name, String subject, Optional<String> value) {
        if (value.isEmpty()) {
            return found;
        }
        if (option(DiskImages.createOptions(format), name).isEmpty()) {
            throw arguments.error(subject + " not supported for file format '" + format.text() + "'");
        }
        return found.with(name, value.get());
    }

    /** Whether one of the properties of {@code -o} asks for help. */
    static boolean asksForHelp(ImgArguments arguments) {
        return arguments.joined("o").filter(text -> Arrays.stream(text.split(",")).anyMatch(each ->
                each.equals("help") || each.equals("?"))).isPresent();
    }

    private void check() {
        try {
            values.check(DiskImages.createOptions(format));
        } catch (IOException e) {
            throw arguments.error(e.getMessage());
        }
    }

    /** The output of {@code -o help}: all options for a file, the format's own without one. */
    static String help(ImageFormat format, boolean hasFile) {
        return "Supported " + (hasFile ? "" : format.text() + " ") + "options:\n"
                + help(hasFile ? DiskImages.createOptions(format) : DiskImages.formatOptions(format))
                + (hasFile ? "" : """

                        The protocol level may support further options.
                        Specify the target filename to include those options.
                        """);
    }

    /** A line for each option, by its name. */
    static String help(List<CreateOption> options) {
        StringBuilder text = new StringBuilder();
        options.stream().sorted(Comparator.comparing(CreateOption::name)).forEach(each ->
                text.append("  %-22s - %s%n".formatted(each.name() + "=<" + each.type().placeholder() + ">",
                        each.help())));
        return text.toString();
    }

    /** The size that {@code -o size=} tells. */
    Optional<Long> size() {
        try {
            return values.has(CreateOption.SIZE) ? Optional.of(values.size()) : Optional.empty();
        } catch (IOException e) {
            throw arguments.error(e.getMessage());
        }
    }

    CreateValues values() {
        return values;
    }

    ImageFormat format() {
        return format;
    }

    /** The settings that open the new image: the ids of the secrets that it is made with. */
    Map<String, String> secretIds() {
        Map<String, String> ids = new HashMap<>();
        for (CreateOption each : DiskImages.createOptions(format)) {
            if (each.name().endsWith("key-secret")) {
                values.text(each.name()).ifPresent(id -> ids.put(each.name(), id));
            }
        }
        return ids;
    }

    /** Whether {@code -o} asks for encryption in a format that has images without, too. */
    boolean isEncrypted() {
        return values.has("encrypt.format") || values.text("encryption").filter(text -> !text.equals("off"))
                .isPresent();
    }

    boolean hasBackingFile() {
        return values.text(CreateOption.BACKING_FILE).filter(name -> !name.isEmpty()).isPresent();
    }

    boolean isBackingFile(String file) {
        return file.equals(values.text(CreateOption.BACKING_FILE).orElse(null));
    }

    /** The backing file's disk size; an error if it cannot be opened. */
    long backingSize(DiskImages images, String image) {
        String backingFile = DiskImages.backingPath(image, values.text(CreateOption.BACKING_FILE).get());
        try (DiskImage backing = images.open(backingFile,
                ImageOptions.READ_ONLY.withFormat(backingFormat.get()).withLocked(false))) {
            return backing.capacity();
        } catch (IOException e) {
            throw arguments.error(e.getMessage());
        }
    }

    /** As {@link #backingSize(DiskImages, String)}, for the image at a path. */
    long backingSize(DiskImages images, Path image) {
        return backingSize(images, image.toString());
    }

    void create(DiskImages images, String file, long bytes) {
        if (!hasBackingFile() && backingFormat.isPresent()) {
            throw arguments.error(file + ": Backing format cannot be used without backing file");
        }
        images.create(file, format, values.with(CreateOption.SIZE, Long.toString(bytes)));
    }

    /** As {@link #create(DiskImages, String, long)}, for the image at a path. */
    void create(DiskImages images, Path path, long bytes) {
        create(images, path.toString(), bytes);
    }

    /** The line that {@code create} prints. */
    String describe(String file, long bytes) {
        try {
            return "Formatting '" + file + "', fmt=" + format.text() + " " + values.with(CreateOption.SIZE,
                    Long.toString(bytes)).describe(DiskImages.createOptions(format));
        } catch (IOException e) {
            throw arguments.error(e.getMessage());
        }
    }
}
