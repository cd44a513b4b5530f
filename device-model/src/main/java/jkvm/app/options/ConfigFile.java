package jkvm.app.options;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jkvm.app.options.CommandWords.Use;

/**
 * Reads a file of options for {@code -readconfig}: groups, each with lines {@code name = "value"}.
 *
 * <pre>{@code
 * [drive "d0"]
 *   file = "disk.img"
 * }</pre>
 */
final class ConfigFile {
    private static final Pattern GROUP = Pattern.compile("\\[([A-Za-z0-9_-]+)(?: \"([^\"]*)\")?]");
    private static final Pattern PROPERTY = Pattern.compile("([A-Za-z0-9._-]+) *= *\"([^\"]*)\"");
    /** The options of groups that are not named like them. */
    private static final Map<String, String> RENAMED = Map.of("memory", "m", "smp-opts", "smp", "boot-opts", "boot");
    private static final List<String> GROUPS = List.of("accel", "acpi", "action", "add-fd", "audiodev", "boot-opts",
            "chardev", "device", "drive", "fsdev", "fw_cfg", "global", "icount", "iscsi", "machine", "memory", "mon",
            "msg", "name", "net", "netdev", "nic", "numa", "object", "overcommit", "rtc", "sandbox", "smbios",
            "smp-opts", "spice", "tpmdev", "trace", "virtfs", "vnc");

    private ConfigFile() {
    }

    /** Those whose options do something here. */
    static List<String> groupsWithEffect() {
        OptionTable table = new OptionTable();
        return GROUPS.stream().filter(group -> table.find(RENAMED.getOrDefault(group, group))
                .map(option -> option.kind() != OptionTable.Kind.NOT_YET).orElse(true)).toList();
    }

    static boolean isGroup(String name) {
        return GROUPS.contains(name);
    }

    /**
     * The options that the file stands for.
     *
     * @throws UsageException naming the file and its line
     */
    static List<Use> read(String file) {
        String where = "-readconfig " + file;
        List<Use> uses = new ArrayList<>();
        int number = 0;
        for (String line : lines(where, file)) {
            number++;
            String text = line.strip();
            Matcher group = GROUP.matcher(text);
            Matcher property = PROPERTY.matcher(text);
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            if (group.matches()) {
                uses.add(begin(where + ": line " + number, group.group(1), group.group(2)));
            } else if (!property.matches()) {
                throw new UsageException(where + ": line " + number
                        + ": parse error; lines are [group], [group \"id\"] or name = \"value\"");
            } else if (uses.isEmpty()) {
                throw new UsageException(where + ": line " + number + ": no group defined");
            } else {
                Use use = uses.removeLast();
                uses.add(new Use(use.word(), use.option(), use.value() + (use.value().isEmpty() ? "" : ",")
                        + property.group(1) + "=" + property.group(2).replace(",", ",,")));
            }
        }
        return uses;
    }

    private static Use begin(String where, String group, String id) {
        if (!GROUPS.contains(group)) {
            throw new UsageException(where + ": There is no option group '" + group + "'"
                    + Suggestion.of(group, GROUPS));
        }
        String option = RENAMED.getOrDefault(group, group.equals("acpi") ? "acpitable" : group);
        return new Use("-" + option, option, id == null ? "" : "id=" + id);
    }

    private static List<String> lines(String where, String file) {
        try {
            return Files.readAllLines(Path.of(file));
        } catch (NoSuchFileException e) {
            throw new UsageException(where + ": Could not open '" + file + "': No such file or directory", e);
        } catch (IOException | InvalidPathException e) {
            throw new UsageException(where + ": Could not read '" + file + "': " + e.getMessage(), e);
        }
    }
}
