package jkvm.tables;

import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;

/** The tables that tell the guest of its NUMA nodes (ACPI 6.5, sections 5.2.16 and 5.2.17). */
final class NumaTables {
    private static final int AFFINITY_REVISION = 1;
    private static final int ENABLED = 1;
    private static final int PROCESSOR = 0, PROCESSOR_SIZE = 16;
    private static final int MEMORY = 1, MEMORY_SIZE = 40;

    private NumaTables() {
    }

    /** The SRAT: the node of each local APIC, and of each range of RAM, node after node from address 0 on. */
    static byte[] affinity(NumaSettings numa, GuestMemory memory) {
        TableWriter out = AcpiTables.header("SRAT", AFFINITY_REVISION);
        out.u32(1).zeros(8);
        for (int cpu = 0; cpu < numa.cpuNodes().size(); cpu++) {
            int node = numa.cpuNodes().get(cpu);
            out.u8(PROCESSOR).u8(PROCESSOR_SIZE).u8(node & 0xFF).u8(cpu).u32(ENABLED).u8(0);
            out.u8(node >>> 8 & 0xFF).u8(node >>> 16 & 0xFF).u8(node >>> 24).u32(0);
        }
        long begin = 0;
        for (int node = 0; node < numa.sizes().size(); node++) {
            long end = begin + numa.sizes().get(node);
            addMemory(out, node, begin, end, memory);
            begin = end;
        }
        return AcpiTables.finish(out);
    }

    /** @param begin counted in RAM, without the holes between regions, as {@code end} */
    private static void addMemory(TableWriter out, int node, long begin, long end, GuestMemory memory) {
        long passed = 0;
        for (MemoryRegion region : memory.regions()) {
            long from = Math.max(begin, passed);
            long to = Math.min(end, passed + region.size());
            if (from < to) {
                out.u8(MEMORY).u8(MEMORY_SIZE).u32(node).zeros(2).u64(region.start() + from - passed).u64(to - from);
                out.zeros(4).u32(ENABLED).zeros(8);
            }
            passed += region.size();
        }
    }

    /** The SLIT. */
    static byte[] distances(NumaSettings numa) {
        TableWriter out = AcpiTables.header("SLIT", 1).u64(numa.distances().size());
        numa.distances().forEach(row -> row.forEach(out::u8));
        return AcpiTables.finish(out);
    }
}
