package jkvm.app.img;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import jkvm.app.options.OptionValues;
import jkvm.app.options.UsageException;
import jkvm.host.disk.ImageException;
import jkvm.host.image.DiskImages;
import jkvm.host.image.ImageDescription;

/** Arguments as qemu-img takes them (getopt_long): short options alone or in groups, values attached or apart. */
final class ImgArguments {
    /** The long option that makes file names lists of properties. */
    static final String IMAGE_OPTS = "image-opts";

    private final String command;
    /** An option as it was given; its value is empty if it takes none. */
    record Given(String name, String value) {
    }

    private final Map<String, List<String>> options = new HashMap<>();
    private final List<Given> order = new ArrayList<>();
    private final List<String> files = new ArrayList<>();

    /**
     * @param command     the subcommand, for messages
     * @param shortNames  letters, with a colon after those that take a value
     * @param longNames   names of long options, with {@code =} after those that take a value, then a colon and the
     *                    letter that means the same if there is one; users may shorten them
     */
    ImgArguments(String command, List<String> arguments, String shortNames, String... longNames) {
        this.command = command;
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("--")) {
                files.addAll(arguments.subList(i + 1, arguments.size()));
                break;
            }
            if (argument.startsWith("--")) {
                i = takeLong(arguments, i, longNames);
            } else if (argument.startsWith("-") && argument.length() > 1) {
                i = takeShort(arguments, i, shortNames);
            } else {
                files.add(argument);
            }
        }
    }

    private int takeLong(List<String> arguments, int i, String... longNames) {
        String argument = arguments.get(i).substring(2);
        int equals = argument.indexOf('=');
        String typed = equals < 0 ? argument : argument.substring(0, equals);
        String[] parts = find(typed, longNames).split(":");
        boolean valued = parts[0].endsWith("=");
        String name = valued ? parts[0].substring(0, parts[0].length() - 1) : parts[0];
        if (!valued && equals >= 0) {
            throw error("option --" + name + " takes no value");
        }
        boolean apart = valued && equals < 0;
        String value = !valued ? "" : apart ? valueAt(arguments, i + 1, "--" + name) : argument.substring(equals + 1);
        put(parts.length > 1 ? parts[1] : name, value);
        return apart ? i + 1 : i;
    }

    /** The option with this name, or the only one whose name begins so. */
    private String find(String typed, String... longNames) {
        List<String> begin = new ArrayList<>();
        for (String each : longNames) {
            String name = each.split("[=:]")[0];
            if (name.equals(typed)) {
                return each;
            }
            if (name.startsWith(typed)) {
                begin.add(each);
            }
        }
        if (begin.size() > 1) {
            throw error("option --" + typed + " is ambiguous: "
                    + begin.stream().map(each -> "--" + each.split("[=:]")[0]).collect(Collectors.joining(", ")));
        }
        if (begin.isEmpty()) {
            throw error("unknown option --" + typed);
        }
        return begin.getFirst();
    }

    private int takeShort(List<String> arguments, int i, String shortNames) {
        String group = arguments.get(i);
        for (int at = 1; at < group.length(); at++) {
            String name = group.substring(at, at + 1);
            int known = name.equals(":") ? -1 : shortNames.indexOf(name);
            if (known < 0) {
                throw error("unknown option -" + name);
            }
            if (known + 1 < shortNames.length() && shortNames.charAt(known + 1) == ':') {
                boolean apart = at + 1 == group.length();
                put(name, apart ? valueAt(arguments, i + 1, "-" + name) : group.substring(at + 1));
                return apart ? i + 1 : i;
            }
            put(name, "");
        }
        return i;
    }

    private String valueAt(List<String> arguments, int i, String option) {
        if (i >= arguments.size()) {
            throw error("option " + option + " needs a value");
        }
        return arguments.get(i);
    }

    private void put(String name, String value) {
        order.add(new Given(name, value));
        options.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
    }

    /** Those of the options that were given, in that order. */
    List<Given> given(String... names) {
        return order.stream().filter(each -> List.of(names).contains(each.name)).toList();
    }

    boolean has(String name) {
        return options.containsKey(name);
    }

    /** An option's value; the last if it was given more than once. */
    Optional<String> value(String name) {
        return Optional.ofNullable(options.get(name)).map(List::getLast);
    }

    /** All of an option's values as one list of properties. */
    Optional<String> joined(String name) {
        return Optional.ofNullable(options.get(name)).map(values -> String.join(",", values));
    }

    /** How many arguments are no options. */
    int count() {
        return files.size();
    }

    /** The arguments that are no options: from {@code least} to {@code most} of them. */
    List<String> files(int least, int most, String what) {
        if (files.size() < least || files.size() > most) {
            throw error("expects " + what);
        }
        return files;
    }

    /** Whether {@code --output} asks for JSON. */
    boolean json() {
        String output = value("output").orElse("human");
        if (!output.equals("json") && !output.equals("human")) {
            throw error("--output is human or json, not " + output);
        }
        return output.equals("json");
    }

    /** An option's value as a number of bytes. */
    long size(String name, String option, long absent) {
        return value(name).map(text -> new OptionValues(option, text, "").size(text, 'B')).orElse(absent);
    }

    /** An image that an argument names: by a name, or with {@code --image-opts} by properties. */
    ImageDescription image(String text) {
        return image(text, "f");
    }

    /** As {@link #image(String)}, where the option {@code format} names its format. */
    ImageDescription image(String text, String format) {
        if (has(IMAGE_OPTS) && has(format)) {
            throw error("--image-opts and --format are mutually exclusive: driver= names the format");
        }
        return has(IMAGE_OPTS) ? properties(text) : DiskImages.parse(text);
    }

    /** The image that a list of properties describes. */
    ImageDescription properties(String text) {
        if (text.indexOf('=') < 0) {
            throw error("Cannot find device='" + text + "' nor node-name='" + text + "'");
        }
        try {
            return ImageDescription.ofProperties(text, new OptionValues("--" + IMAGE_OPTS, text, "").takeRest());
        } catch (ImageException e) {
            throw error("Could not open '" + text + "': " + e.getMessage());
        }
    }

    UsageException error(String what) {
        return new UsageException("img " + command + ": " + what);
    }
}
