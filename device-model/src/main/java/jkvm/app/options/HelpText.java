package jkvm.app.options;

import jkvm.state.JkvmVersion;

/** The output of {@code -help} and {@code -version}. */
public final class HelpText {
    /** The program, as a monitor greets. */
    public static final String NAME_AND_NUMBER = "jkvm " + JkvmVersion.NUMBER;
    /** The line that {@code -version} prints. */
    public static final String VERSION = "jkvm version " + JkvmVersion.NUMBER + "\n";
    private static final int COLUMN = 34;
    private static final int WIDTH = 100;

    private HelpText() {
    }

    static String help(OptionTable table) {
        StringBuilder text = new StringBuilder("""
                usage: jkvm [OPTIONS]          runs a guest; options are QEMU's, by name and meaning
                       jkvm WORD ...

                Words:
                  clone STATE [-n N] -- OPTIONS
                                                starts N machines that go on from one saved state
                  doctor [--json]               what runs guests on this machine, how fast, and what is missing;
                                                --conformance compares the KVM API with what real KVM answers
                  demo [-accel A]               boots a bundled guest and shows what happened
                  harness [-32] BOOT [PAYLOAD]  runs a flat image from the reset vector, showing registers
                  img SUBCOMMAND ...            makes, shows, checks and converts disk images, as qemu-img does
                  lab -- OPTIONS                runs jkvm in an emulated machine that has a real KVM
                  shell [SCRIPT ...] [OPTIONS]  opens JShell with a machine in scope
                """);
        String group = "";
        for (OptionTable.Option option : table.all()) {
            if (option.help().isEmpty()) {
                continue;
            }
            if (!option.group().equals(group)) {
                group = option.group();
                text.append('\n').append(group).append(":\n");
            }
            String usage = "  -" + option.name() + (option.hasArgument() ? " " + option.argument() : "");
            text.append(usage).append(" ".repeat(Math.max(1, COLUMN - usage.length()))).append(option.help())
                    .append('\n');
        }
        text.append("\nTaken, without an effect here:").append(names(table, OptionTable.Kind.NO_EFFECT));
        text.append("\nKnown, and said to be not there yet:").append(names(table, OptionTable.Kind.NOT_YET));
        return text.append("""

                Exit code: 0 after power-off, Ctrl-A x or a signal; 1 after an error; V*2+1 if the guest writes V to
                isa-debug-exit.
                Example: jkvm -kernel vmlinuz -initrd initrd.gz -append console=ttyS0 -nographic
                """).toString();
    }

    private static String names(OptionTable table, OptionTable.Kind kind) {
        StringBuilder text = new StringBuilder();
        int column = WIDTH;
        for (OptionTable.Option option : table.all()) {
            if (option.kind() != kind) {
                continue;
            }
            int length = option.name().length() + 2;
            if (column + length > WIDTH) {
                text.append("\n ");
                column = 1;
            }
            text.append(" -").append(option.name());
            column += length;
        }
        return text.append('\n').toString();
    }
}
