package jkvm.tables;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The user's part of the SMBIOS tables.
 *
 * @param machine    the version that parts of the machine have
 * @param types      the structures' types that the user describes, with or without a value: types 0 and 2 are there
 *                   only then, except that a machine without firmware has type 0
 * @param texts      in place of the defaults; an empty one leaves the string out
 * @param numbers    in place of the defaults
 * @param release    of the firmware, if given
 * @param uefi       true if the firmware says that it is UEFI
 * @param sockets    of the processors; one for all if absent
 * @param oemStrings structure 11
 * @param connectors structures 8
 * @param onboard    structures 41
 * @param structures whole ones with their strings, in place of all of the machine's of their types
 */
public record SmbiosSettings(String machine, Set<Integer> types, Map<SmbiosText, String> texts,
        Map<SmbiosNumber, Long> numbers, Optional<Release> release, boolean uefi, Optional<Sockets> sockets,
        List<String> oemStrings, List<PortConnector> connectors, List<OnboardDevice> onboard, List<byte[]> structures) {
    /** The most that an entry point's field for the tables' length holds. */
    public static final int MAX_LENGTH = 0xFFFF;
    /** The smallest structure: type, length and handle. */
    public static final int HEADER_LENGTH = 4;

    /** The machine's own values only. */
    public static final SmbiosSettings NONE = new SmbiosSettings("pc-i440fx-7.2", Set.of(), Map.of(),
            Map.of(), Optional.empty(), false, Optional.empty(), List.of(), List.of(), List.of(), List.of());

    /** The firmware's release. */
    public record Release(int major, int minor) {
    }

    /**
     * The processors' sockets.
     *
     * @param count   how many there are
     * @param cores   in each socket
     * @param threads of each core
     */
    public record Sockets(int count, int cores, int threads) {
    }

    /** A port, with its names inside and outside, and the numbers of SMBIOS for its connector and its kind. */
    public record PortConnector(String internal, String external, int connector, int kind) {
    }

    /**
     * A device that systems name by its instance, such as eno1.
     *
     * @param kind    number of SMBIOS
     * @param address on PCI bus 0 as {@code slot * 8 + function}; 0 for a device elsewhere
     */
    public record OnboardDevice(String designation, int kind, int instance, int address) {
    }

    public SmbiosSettings {
        types = Set.copyOf(types);
        texts = Map.copyOf(texts);
        numbers = Map.copyOf(numbers);
        oemStrings = List.copyOf(oemStrings);
        connectors = List.copyOf(connectors);
        onboard = List.copyOf(onboard);
        structures = List.copyOf(structures);
    }

    String text(SmbiosText which, String absent) {
        return texts.getOrDefault(which, absent);
    }

    long number(SmbiosNumber which, long absent) {
        return numbers.getOrDefault(which, absent);
    }

    /** True if the user gives whole structures of a type. */
    boolean replaces(int type) {
        for (byte[] structure : structures) {
            if ((structure[0] & 0xFF) == type) {
                return true;
            }
        }
        return false;
    }
}
