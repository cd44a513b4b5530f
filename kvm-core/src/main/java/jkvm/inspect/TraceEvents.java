package jkvm.inspect;

import java.util.List;
import java.util.function.Consumer;

/**
 * Chooses events by patterns of their names and tells them as lines, the name first: {@code e1000_write TDT = 3}.
 *
 * <p>Who could tell an event asks {@link #isEnabled} once, when a machine is made, and puts itself between the parts
 * only if the answer is true: an event that nobody wants is not even tested for. Any thread may call.
 *
 * {@snippet :
 * List<String> lines = new ArrayList<>();
 * TraceEvents events = new TraceEvents(List.of("e1000_*", "-e1000_read"), lines::add);
 * assert events.isEnabled("e1000_write") && !events.isEnabled("e1000_read") && !events.isEnabled("serial_write");
 * events.tell("e1000_write", "TDT = 3");
 * assert lines.equals(List.of("e1000_write TDT = 3"));
 * }
 */
public final class TraceEvents {
    private final List<String> patterns;
    private final Consumer<String> lines;

    /**
     * @param patterns names in which {@code *} stands for any characters and {@code ?} for one; a pattern that begins
     *                 with {@code -} takes events out again; of several that match the last one decides
     * @param lines    takes the lines, from any thread
     */
    public TraceEvents(List<String> patterns, Consumer<String> lines) {
        this.patterns = List.copyOf(patterns);
        this.lines = lines;
    }

    /** True if the event is to be told. */
    public boolean isEnabled(String name) {
        boolean enabled = false;
        for (String pattern : patterns) {
            boolean takesOut = pattern.startsWith("-");
            if (matches(takesOut ? pattern.substring(1) : pattern, name)) {
                enabled = !takesOut;
            }
        }
        return enabled;
    }

    /** Tells an event that is enabled. */
    public void tell(String name, String text) {
        lines.accept(name + " " + text);
    }

    /** True for a pattern with a sign that stands for others. */
    public static boolean isPattern(String text) {
        return text.indexOf('*') >= 0 || text.indexOf('?') >= 0;
    }

    /** Whether a name is one of those that a pattern stands for. */
    public static boolean matches(String pattern, String name) {
        int p = 0;
        int n = 0;
        int star = -1;
        int afterStar = 0;
        while (n < name.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                afterStar = n;
            } else if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == name.charAt(n))) {
                p++;
                n++;
            } else if (star >= 0) {
                // The last star takes one character more.
                p = star + 1;
                n = ++afterStar;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
