package jkvm.architecture;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/** Compares references between classes with the floors and with what single packages may not use. */
final class FloorRules {
    private static final String PROJECT = "jkvm.";

    /**
     * A class that only some packages may use.
     *
     * @param used    a class, with those nested in it, or a package that ends in {@code .*}
     * @param users   patterns of the packages that the rule is about
     * @param exempt  patterns of packages that are free to use it
     * @param because in the message
     */
    record Ban(String used, List<String> users, List<String> exempt, String because) {
        private boolean hits(String user, String className) {
            boolean isUsed = className.equals(used) || className.startsWith(used + "$")
                    || used.endsWith(".*") && Floors.matches(used, References.packageOf(className));
            return isUsed && matchesAny(users, user) && !matchesAny(exempt, user);
        }

        private static boolean matchesAny(List<String> patterns, String packageName) {
            return patterns.stream().anyMatch(pattern -> Floors.matches(pattern, packageName));
        }
    }

    private static final List<String> WITHOUT_KVM = List.of("jkvm.bus", "jkvm.host.*", "jkvm.device.*");
    static final List<Ban> BANS = List.of(
            new Ban("java.lang.foreign.Linker", List.of("jkvm.*"), List.of("jkvm.linux"),
                    "native calls are made in one place"),
            new Ban("jkvm.vm.*", WITHOUT_KVM, List.of(), "a device is tested without a VM"),
            new Ban("jkvm.abi.*", WITHOUT_KVM, List.of(), "KVM's structs stop at jkvm.machine"),
            new Ban("jkvm.soft.*", WITHOUT_KVM, List.of(), "a device knows no accelerator"));

    private final Floors floors;
    private final List<Ban> bans;

    FloorRules(Floors floors, List<Ban> bans) {
        this.floors = floors;
        this.bans = bans;
    }

    /** One sentence for each violation; empty if there is none. */
    List<String> violations(References references) {
        List<String> found = new ArrayList<>();
        Map<String, Map<String, String>> packages = new TreeMap<>();
        references.byClass().forEach((from, all) -> {
            String user = References.packageOf(from);
            packages.computeIfAbsent(user, _ -> new TreeMap<>());
            for (String to : all) {
                bans.stream().filter(ban -> ban.hits(user, to)).forEach(ban -> found.add(
                        from + " refers to " + to + ": " + ban.because));
                String used = References.packageOf(to);
                if (!used.equals(user) && to.startsWith(PROJECT)) {
                    checkFloor(from, to, found);
                    packages.get(user).putIfAbsent(used, from + " refers to " + to);
                }
            }
        });
        for (String name : packages.keySet()) {
            if (floors.of(name).isEmpty()) {
                found.add(name + " has no floor: give it a place in the table of floors");
            }
        }
        found.addAll(circles(packages));
        return found;
    }

    private void checkFloor(String from, String to, List<String> found) {
        OptionalInt user = floors.of(References.packageOf(from));
        OptionalInt used = floors.of(References.packageOf(to));
        if (user.isPresent() && used.isPresent() && user.getAsInt() < used.getAsInt()) {
            found.add(from + " refers to " + to + ": " + References.packageOf(to) + " is on a higher floor");
        }
    }

    /** The shortest circle through each package, each circle once. */
    private static List<String> circles(Map<String, Map<String, String>> packages) {
        List<String> found = new ArrayList<>();
        Set<Set<String>> known = new HashSet<>();
        for (String start : packages.keySet()) {
            List<String> circle = shortestCircle(packages, start);
            if (!circle.isEmpty() && known.add(Set.copyOf(circle))) {
                found.add(describe(packages, circle));
            }
        }
        return found;
    }

    /**
     * The packages of a circle in order; the search goes breadth first.
     *
     * @return empty if there is no circle
     */
    private static List<String> shortestCircle(Map<String, Map<String, String>> packages, String start) {
        Map<String, String> reachedFrom = new HashMap<>();
        Deque<String> open = new ArrayDeque<>(List.of(start));
        while (!open.isEmpty()) {
            String user = open.remove();
            for (String used : packages.getOrDefault(user, Map.of()).keySet()) {
                if (used.equals(start)) {
                    return path(reachedFrom, user);
                }
                if (reachedFrom.putIfAbsent(used, user) == null) {
                    open.add(used);
                }
            }
        }
        return List.of();
    }

    private static List<String> path(Map<String, String> reachedFrom, String end) {
        List<String> path = new ArrayList<>();
        for (String at = end; at != null; at = reachedFrom.get(at)) {
            path.add(at);
        }
        Collections.reverse(path);
        return path;
    }

    private static String describe(Map<String, Map<String, String>> packages, List<String> circle) {
        StringBuilder text = new StringBuilder("packages form a circle: ").append(String.join(" -> ", circle))
                .append(" -> ").append(circle.getFirst());
        for (int i = 0; i < circle.size(); i++) {
            String used = circle.get((i + 1) % circle.size());
            text.append(i == 0 ? " (" : "; ").append(packages.get(circle.get(i)).get(used));
        }
        return text.append(')').toString();
    }
}
