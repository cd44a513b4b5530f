package jkvm.control.qmp;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.control.block.BlockJobs;
import jkvm.control.job.JobTask;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.ImageFormat;
import jkvm.host.image.BlockNode;
import jkvm.host.image.DiskImages;
import jkvm.host.image.NodeException;
import jkvm.json.Json;

/** The command that makes files, and images in files that are nodes. */
final class CreateCommand {
    private static final Argument<String> JOB_ID = Argument.required("job-id", Types.STR);
    private static final Argument<String> DRIVER = Argument.required("driver", Types.STR);
    private static final Argument<Arguments> OPTIONS = Argument.required("options",
            new InputObject("BlockdevCreateOptions", List.of(DRIVER), true));
    private static final String FILE = "file", FILENAME = "filename", VERSION = "version", PATH = "options.";

    private final BlockJobs disks;

    CreateCommand(BlockJobs disks) {
        this.disks = disks;
    }

    void addTo(CommandTable table) {
        table.add(Declaration.of("blockdev-create").takes(JOB_ID, OPTIONS), this::create);
    }

    private void create(Arguments arguments) throws QmpException {
        Arguments options = arguments.get(OPTIONS);
        String driver = options.get(DRIVER);
        JobTask task = driver.equals(FILE) ? file(options) : image(driver, options);
        BlockActions.run(() -> {
            disks.create(arguments.get(JOB_ID), control -> {
                control.advance(1);
                task.run(control);
            });
            return null;
        });
    }

    private JobTask file(Arguments options) throws QmpException {
        String name = text(options, FILENAME);
        CreateValues values = values(options, List.of(FILENAME), CreateOption.OF_FILE);
        require(options, CreateOption.SIZE);
        return _ -> {
            try {
                disks.graph().images().create(Path.of(name), ImageFormat.RAW, values);
            } catch (DiskException e) {
                throw new IOException("Could not create '" + name + "': " + e.reason(), e);
            }
        };
    }

    private JobTask image(String driver, Arguments options) throws QmpException {
        Optional<ImageFormat> format = DiskImages.format(driver);
        if (format.isEmpty()) {
            throw new QmpException("Parameter 'options.driver' does not accept value '" + driver + "'");
        }
        List<CreateOption> known = DiskImages.formatOptions(format.get());
        if (known.isEmpty() && format.get() != ImageFormat.RAW) {
            throw new QmpException("Driver does not support blockdev-create");
        }
        String file = text(options, FILE);
        CreateValues values = values(options, List.of(FILE), known);
        require(options, CreateOption.SIZE);
        return _ -> {
            BlockNode node = disks.find(file).orElseThrow(() -> NodeException.absent(file, file));
            disks.graph().create(node, format.get(), values);
        };
    }

    private static void require(Arguments options, String name) throws QmpException {
        if (!options.others().values().containsKey(name)) {
            throw new QmpException("Parameter '" + PATH + name + "' is missing");
        }
    }

    private static String text(Arguments options, String name) throws QmpException {
        require(options, name);
        return Types.STR.decode(options.others().values().get(name), PATH + name);
    }

    /** The values under the names that {@code qemu-img create -o} has for them. */
    private static CreateValues values(Arguments options, List<String> others, List<CreateOption> known)
            throws QmpException {
        CreateValues values = CreateValues.none();
        for (Map.Entry<String, Json> each : options.others().values().entrySet()) {
            String name = each.getKey();
            if (others.contains(name)) {
                continue;
            }
            if (name.equals(VERSION)) {
                values = values.with("compat", version(each.getValue()));
            } else if (each.getValue() instanceof Json.Members group) {
                for (Map.Entry<String, Json> member : group.values().entrySet()) {
                    String inner = name + "." + member.getKey();
                    values = values.with(find(known, inner), value(member.getValue(), inner));
                }
            } else {
                values = values.with(find(known, name), value(each.getValue(), name));
            }
        }
        return values;
    }

    private static String version(Json value) throws QmpException {
        return switch (Types.STR.decode(value, PATH + VERSION)) {
            case "v2" -> "0.10";
            case "v3" -> "1.1";
            case String other -> throw new QmpException("Parameter '" + PATH + VERSION + "' does not accept value '"
                    + other + "'");
        };
    }

    private static String find(List<CreateOption> known, String name) throws QmpException {
        return known.stream().map(CreateOption::name).filter(each -> each.replace('_', '-').equals(name)).findFirst()
                .orElseThrow(() -> new QmpException("Parameter '" + PATH + name + "' is unexpected"));
    }

    private static String value(Json value, String name) throws QmpException {
        return switch (value) {
            case Json.Text text -> text.value();
            case Json.Whole number -> Long.toUnsignedString(number.value());
            case Json.Flag flag -> flag.value() ? "on" : "off";
            default -> throw InputType.mismatch(PATH + name, "string");
        };
    }
}
