package jkvm.architecture;

import java.util.List;
import java.util.OptionalInt;

/**
 * The floors of the house, lowest first. A package may refer to packages of lower floors and of its own floor, never
 * upwards; packages of one floor may not form a circle. A new package needs a place here.
 */
final class Floors {
    private static final String AND_BELOW = ".*";

    /** The project's floors. {@code a.b.*} stands for {@code a.b} and all below it that no other entry names. */
    static final Floors OF_JKVM = new Floors(List.of(
            // kvm-core
            List.of("jkvm.linux"),
            List.of("jkvm.abi", "jkvm.work", "jkvm.state", "jkvm.disassembler"),
            List.of("jkvm.memory"),
            List.of("jkvm.vm"),
            List.of("jkvm.soft.observe"),
            List.of("jkvm.soft.mmu", "jkvm.soft.fpu", "jkvm.soft.irqchip"),
            List.of("jkvm.soft.cpu"),
            List.of("jkvm.soft.jit"),
            List.of("jkvm.soft.kvm"),
            List.of("jkvm.soft", "jkvm.inspect", "jkvm.conformance"),
            // bios
            List.of("jkvm.tables"),
            List.of("jkvm.boot", "jkvm.bios"),
            List.of("jkvm.bios.*"),
            // device-model
            List.of("jkvm.bus", "jkvm.json"),
            List.of("jkvm.host.*"),
            List.of("jkvm.host.image"),
            List.of("jkvm.device.*"),
            List.of("jkvm.machine.config", "jkvm.machine.run", "jkvm.machine.snapshot"),
            List.of("jkvm.machine.facts"),
            List.of("jkvm.machine.board", "jkvm.machine.cpu"),
            List.of("jkvm.machine"),
            List.of("jkvm.control.*"),
            List.of("jkvm.app.options"),
            List.of("jkvm.app.*"),
            List.of("jkvm.app"),
            // examples
            List.of("jkvm.examples.power"),
            List.of("jkvm.examples"),
            List.of("jkvm.examples.course")));

    private final List<List<String>> floors;

    /** @param floors patterns of packages, lowest floor first */
    Floors(List<List<String>> floors) {
        this.floors = floors;
    }

    /** The number of a package's floor, zero for the lowest; empty for a package without one. */
    OptionalInt of(String packageName) {
        int found = -1;
        int length = -1;
        for (int floor = 0; floor < floors.size(); floor++) {
            for (String pattern : floors.get(floor)) {
                if (matches(pattern, packageName) && pattern.length() > length) {
                    found = floor;
                    length = pattern.length();
                }
            }
        }
        return found < 0 ? OptionalInt.empty() : OptionalInt.of(found);
    }

    /** True if the pattern is the package's name, or ends in {@code .*} and begins the name. */
    static boolean matches(String pattern, String packageName) {
        if (!pattern.endsWith(AND_BELOW)) {
            return pattern.equals(packageName);
        }
        String top = pattern.substring(0, pattern.length() - AND_BELOW.length());
        return packageName.equals(top) || packageName.startsWith(top + ".");
    }
}
