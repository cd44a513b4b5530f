package jkvm.control.trace;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which instructions are written down one by one: {@code -trace step}.
 *
 * @param counts    numbers of instructions of a vCPU, the first is 1; any if there are none
 * @param addresses linear addresses, as unsigned numbers; any if there are none
 * @param att       true for AT&amp;T's style
 */
public record StepConfig(List<Range> counts, List<Range> addresses, boolean att) implements ViewConfig {
    /** All instructions. */
    public static final StepConfig ALL = new StepConfig(List.of(), List.of(), false);
    private static final Pattern COUNTS = Pattern.compile("(\\d{1,18})\\.\\.(\\d{1,18})?");
    private static final Pattern ADDRESSES = Pattern.compile("0[xX](\\p{XDigit}{1,16})-0[xX](\\p{XDigit}{1,16})");

    public StepConfig {
        counts = List.copyOf(counts);
        addresses = List.copyOf(addresses);
    }

    /** Numbers from the first to the last, both included; unsigned. */
    public record Range(long first, long last) {
        boolean contains(long value) {
            return Long.compareUnsigned(value, first) >= 0 && Long.compareUnsigned(value, last) <= 0;
        }
    }

    /**
     * These instructions, and further ones.
     *
     * @param text {@code N..M}, {@code N..} or {@code 0xA-0xB}
     * @throws IllegalArgumentException if it is none of them
     */
    public StepConfig and(String text) {
        Matcher count = COUNTS.matcher(text);
        Matcher address = ADDRESSES.matcher(text);
        if (count.matches()) {
            Range range = new Range(Long.parseLong(count.group(1)), count.group(2) == null ? Long.MAX_VALUE
                    : Long.parseLong(count.group(2)));
            return new StepConfig(plus(counts, range), addresses, att);
        }
        if (address.matches()) {
            Range range = new Range(Long.parseUnsignedLong(address.group(1), 16),
                    Long.parseUnsignedLong(address.group(2), 16));
            return new StepConfig(counts, plus(addresses, range), att);
        }
        throw new IllegalArgumentException("neither N..M (instructions by number) nor 0xA-0xB (linear addresses)");
    }

    private static List<Range> plus(List<Range> ranges, Range range) {
        if (Long.compareUnsigned(range.first, range.last) > 0) {
            throw new IllegalArgumentException("the range ends before it begins");
        }
        List<Range> all = new ArrayList<>(ranges);
        all.add(range);
        return all;
    }

    /** The same instructions in another style. */
    public StepConfig style(boolean isAtt) {
        return new StepConfig(counts, addresses, isAtt);
    }

    boolean wantsNumber(long number) {
        return counts.isEmpty() || isIn(counts, number);
    }

    boolean wantsAddress(long linear) {
        return addresses.isEmpty() || isIn(addresses, linear);
    }

    /** The last instruction that is of interest. */
    long last() {
        return counts.isEmpty() ? Long.MAX_VALUE : counts.stream().mapToLong(Range::last).max().orElseThrow();
    }

    private static boolean isIn(List<Range> ranges, long value) {
        for (Range range : ranges) {
            if (range.contains(value)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public RunView open(PrintStream messages) {
        return open(messages, messages::print);
    }

    @Override
    public RunView open(PrintStream messages, Consumer<String> log) {
        return new StepView(this, log);
    }
}
