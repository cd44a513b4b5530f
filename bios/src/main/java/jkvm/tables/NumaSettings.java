package jkvm.tables;

import java.util.List;

/**
 * Which memory and which processors are near each other.
 *
 * @param sizes     bytes of RAM of each node; together they are the machine's
 * @param cpuNodes  the node of each CPU
 * @param distances from each node to each, 10 for itself; empty if the user gave none
 */
public record NumaSettings(List<Long> sizes, List<Integer> cpuNodes, List<List<Integer>> distances) {
    /** The largest number of nodes. */
    public static final int MAX_NODES = 128;
    public static final int LOCAL_DISTANCE = 10;
    public static final int REMOTE_DISTANCE = 20;
    public static final int UNREACHABLE = 255;

    public NumaSettings {
        sizes = List.copyOf(sizes);
        cpuNodes = List.copyOf(cpuNodes);
        distances = distances.stream().map(List::copyOf).toList();
    }
}
