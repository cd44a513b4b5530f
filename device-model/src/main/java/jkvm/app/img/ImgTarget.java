package jkvm.app.img;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
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

    /** @param backingOption the letter of the option that names the backing file */
    ImgTarget(ImgArguments arguments, ImageFormat format, String backingOption) {
        this.arguments = arguments;
        this.format = format;
        CreateValues found = CreateValues.none();
        if (arguments.has("o")) {
            OptionValues options = new OptionValues("-o", arguments.joined("o").get(), "");
            for (var each : options.takeRest().entrySet()) {
                found = found.with(each.getKey(), each.getValue());
            }
        }
        found = with(found, CreateOption.BACKING_FILE, arguments.value(backingOption));
        found = with(found, CreateOption.BACKING_FORMAT, arguments.value("F"));
        this.values = found;
        check();
        this.backingFormat = values.text(CreateOption.BACKING_FORMAT).map(text -> DiskImages.format(text)
                .orElseThrow(() -> arguments.error("Unknown backing file format '" + text + "'")));
        if (hasBackingFile() && backingFormat.isEmpty()) {
            throw arguments.error("Backing file specified without backing format: name it with -F");
        }
        if (!hasBackingFile() && backingFormat.isPresent()) {
            throw arguments.error("a backing format needs a backing file");
        }
    }

    private CreateValues with(CreateValues found, String name, Optional<String> value) {
        if (value.isEmpty()) {
            return found;
        }
        if (DiskImages.createOptions(format).stream().noneMatch(each -> each.name().equals(name))) {
            throw arguments.error((name.equals(CreateOption.BACKING_FILE) ? "Backing file" : "Backing format")
                    + " not supported for file format '" + format.text() + "'");
        }
        return found.with(name, value.get());
    }

    private void check() {
        try {
            values.check(DiskImages.createOptions(format));
        } catch (IOException e) {
            throw arguments.error(e.getMessage());
        }
    }

    /** The output of {@code -o help}. */
    static String help(ImageFormat format) {
        StringBuilder text = new StringBuilder("Supported options:\n");
        DiskImages.createOptions(format).stream().sorted(Comparator.comparing(CreateOption::name)).forEach(each ->
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

    ImageFormat format() {
        return format;
    }

    boolean hasBackingFile() {
        return values.text(CreateOption.BACKING_FILE).filter(name -> !name.isEmpty()).isPresent();
    }

    /** The backing file's disk size; an error if it cannot be opened. */
    long backingSize(DiskImages images, Path image) {
        Path backingFile = image.resolveSibling(values.text(CreateOption.BACKING_FILE).get());
        try (DiskImage backing = images.open(backingFile,
                ImageOptions.READ_ONLY.withFormat(backingFormat.get()).withLocked(false))) {
            return backing.capacity();
        } catch (IOException e) {
            throw arguments.error(e.getMessage());
        }
    }

    void create(DiskImages images, Path path, long bytes) {
        images.create(path, format, values.with(CreateOption.SIZE, Long.toString(bytes)));
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
