package jkvm.bus;

import java.util.TreeMap;

/**
 * The names of the registers behind an {@link IoHandler}, for those who watch a guest. Made when somebody does, so that
 * a device without a watcher pays nothing for them.
 *
 * {@snippet :
 * RegisterNames names = new RegisterNames("counter").with(0, "COUNT").with(8, "LIMIT");
 * assert names.at(8).equals("LIMIT") && names.at(12).equals("LIMIT+4") && names.at(0x40).equals("0x40");
 * }
 */
public final class RegisterNames {
    private static final int REACH = 8;

    private final String kind;
    private final TreeMap<Long, String> names = new TreeMap<>();

    /** @param kind of device, as events are named: letters, digits and underscores */
    public RegisterNames(String kind) {
        this.kind = kind;
    }

    /** The kind of device. */
    public String kind() {
        return kind;
    }

    /** Adds a register. */
    public RegisterNames with(long offset, String name) {
        names.put(offset, name);
        return this;
    }

    /** Adds registers of one byte each, which follow one another. */
    public RegisterNames bytes(long offset, String... following) {
        for (int i = 0; i < following.length; i++) {
            with(offset + i, following[i]);
        }
        return this;
    }

    /** The register at an offset, with the distance from its start; the offset where no register is near. */
    public String at(long offset) {
        var register = names.floorEntry(offset);
        if (register == null || offset - register.getKey() >= REACH) {
            return "0x" + Long.toHexString(offset);
        }
        long distance = offset - register.getKey();
        return distance == 0 ? register.getValue() : register.getValue() + "+" + distance;
    }
}
