package jkvm.tables;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jkvm.memory.GuestMemory;

/**
 * The user's part of the ACPI tables.
 *
 * @param sleep  the sleep states besides S5
 * @param tables further tables, whole, each with its header; not changed by anybody
 * @param numa   the nodes of memory and processors, if there are several
 */
public record AcpiSettings(SleepStates sleep, List<byte[]> tables, Optional<NumaSettings> numa) {
    /** As a PC has them. */
    public static final AcpiSettings DEFAULT = new AcpiSettings(SleepStates.ALL, List.of(), Optional.empty());

    public AcpiSettings {
        tables = List.copyOf(tables);
    }

    /** The same with other sleep states. */
    public AcpiSettings with(SleepStates states) {
        return new AcpiSettings(states, tables, numa);
    }

    /** The tables that the root tables name besides the machine's own. */
    List<byte[]> further(GuestMemory memory) {
        List<byte[]> all = new ArrayList<>();
        numa.ifPresent(nodes -> {
            all.add(NumaTables.affinity(nodes, memory));
            if (!nodes.distances().isEmpty()) {
                all.add(NumaTables.distances(nodes));
            }
        });
        all.addAll(tables);
        return all;
    }
}
