package jkvm.machine.cpu;

import java.util.List;
import java.util.Set;

/**
 * One version of one of QEMU's CPU models.
 *
 * @param name      with its version: {@code Haswell-v1}
 * @param id        what CPUID says that it is
 * @param brand     its name for people; may be empty
 * @param note      changes against other versions, for {@code -cpu help}; may be empty
 * @param features  their first names
 * @param caches    L1 data, L1 instructions, L2, L3; empty for those that most models have
 */
record CpuDefinition(String name, Id id, String brand, String note, Set<String> features, List<Cache> caches) {

    /**
     * @param vendor           twelve letters
     * @param lastLeaf         of the basic leaves
     * @param lastExtendedLeaf zero for a processor that has none
     */
    record Id(String vendor, int family, int model, int stepping, int lastLeaf, int lastExtendedLeaf) {
        private static final int EXTENDED_FAMILY = 0xF;

        /** Leaf 1, EAX. */
        int signature() {
            int signature = (model & 0xF) << 4 | model >>> 4 << 16 | stepping;
            return signature | (family > EXTENDED_FAMILY ? EXTENDED_FAMILY << 8 | family - EXTENDED_FAMILY << 20
                    : family << 8);
        }
    }

    /** A cache with lines of 64 bytes. */
    record Cache(int ways, int sets) {
        static final int LINE_BYTES = 64;

        int kibibytes() {
            return ways * sets * LINE_BYTES >>> 10;
        }
    }

    /** As {@code -cpu help} describes it. */
    String description() {
        return (brand + " " + note).strip();
    }
}
