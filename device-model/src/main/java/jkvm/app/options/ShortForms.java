package jkvm.app.options;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds switches without a value, {@code server} for {@code server=on}: QEMU takes them with a warning. */
final class ShortForms {
    /** The options whose switches QEMU looks at, and the property that a first word without a name stands for. */
    private static final Map<String, String> IMPLIED = Map.ofEntries(Map.entry("accel", "accel"),
            Map.entry("acpitable", ""), Map.entry("chardev", "backend"), Map.entry("device", "driver"),
            Map.entry("drive", ""), Map.entry("fw_cfg", "name"), Map.entry("icount", "shift"),
            Map.entry("mon", "chardev"), Map.entry("msg", ""), Map.entry("name", "guest"), Map.entry("net", "type"),
            Map.entry("netdev", "type"), Map.entry("nic", "type"), Map.entry("overcommit", ""),
            Map.entry("rtc", ""), Map.entry("sandbox", "enable"));

    private ShortForms() {
    }

    /** The warning about the first such switch of an option's value. */
    static Optional<String> warning(String option, String value) {
        String implied = IMPLIED.get(option);
        if (implied == null || value.startsWith("{")) {
            return Optional.empty();
        }
        List<String> words = OptionValues.split(value);
        for (String word : words.subList(implied.isEmpty() ? 0 : 1, words.size())) {
            if (!word.isEmpty() && word.indexOf('=') < 0 && !QemuOptions.asksForList(word)) {
                String instead = word.startsWith("no") ? word.substring(2) + "=off" : word + "=on";
                return Optional.of("-" + option + " " + value + ": warning: short-form boolean option '" + word
                        + "' deprecated; write " + instead);
            }
        }
        return Optional.empty();
    }
}
