package jkvm.control.hmp;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The values of one command's parameters. */
final class Arguments {
    private final Map<String, String> words = new HashMap<>();
    private final Map<String, Long> numbers = new HashMap<>();
    private DumpFormat format = DumpFormat.DEFAULT;

    void put(String name, String word) {
        words.put(name, word);
    }

    void put(String name, long number) {
        numbers.put(name, number);
    }

    void put(DumpFormat newFormat) {
        format = newFormat;
    }

    /** The value of a parameter that is not optional. */
    String word(String name) {
        return optionalWord(name).orElseThrow();
    }

    Optional<String> optionalWord(String name) {
        return Optional.ofNullable(words.get(name));
    }

    /** The value of a parameter that is not optional. */
    long number(String name) {
        return optionalNumber(name).orElseThrow();
    }

    OptionalLong optionalNumber(String name) {
        Long value = numbers.get(name);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    boolean isSet(char flag) {
        return words.containsKey(String.valueOf(flag));
    }

    /** The one that was given, or the default. */
    DumpFormat format() {
        return format;
    }
}
