package jkvm.app.options;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An answer to a command line.
 *
 * @param outcome what becomes of it
 * @param message the first line of the message, without the program's name; empty if there is none
 */
record OptionAnswer(Outcome outcome, String message) {
    enum Outcome { MACHINE, LIST, REFUSAL }

    private static final Pattern QUOTED = Pattern.compile("'([^' ]+)'|\"([^\" ]+)\"");

    /** True for a part of QEMU's that is not there yet. */
    boolean isNotYet() {
        return message.contains("not yet: ");
    }

    private boolean warns() {
        return outcome == Outcome.MACHINE && !message.isEmpty();
    }

    /**
     * True if this is to the user what QEMU's answer is: the same outcome, a warning where QEMU warns, and in a refusal
     * all that QEMU's message quotes from the line. A part that is not there yet is the only more that may be said.
     */
    boolean agreesWith(String line, OptionAnswer qemu) {
        if (outcome != qemu.outcome || qemu.warns() && message.isEmpty() || warns() && !isNotYet() && !qemu.warns()) {
            return false;
        }
        Matcher quoted = QUOTED.matcher(outcome == Outcome.REFUSAL ? qemu.message : "");
        while (quoted.find()) {
            String subject = quoted.group(1) == null ? quoted.group(2) : quoted.group(1);
            // QEMU names a property with its device, PROPERTY or DEVICE.PROPERTY.
            String word = subject.substring(subject.lastIndexOf('.') + 1);
            if (line.contains(word) && !message.contains(word)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return outcome + (message.isEmpty() ? "" : ": " + message);
    }
}
