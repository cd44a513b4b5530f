package jkvm.machine.config;

import java.util.List;
import jkvm.host.image.DriveSpec;
import jkvm.host.netdev.NetdevSpec;

/**
 * Host sides with names, which devices of the start use, or others that come while the machine runs.
 *
 * @param drives   disks that go with the device that has used them
 * @param nodes    disks that stay
 * @param networks backends of network cards
 */
public record NamedSides(List<DriveSpec> drives, List<DriveSpec> nodes, List<NetdevSpec> networks) {
    /** None. */
    public static final NamedSides NONE = new NamedSides(List.of(), List.of(), List.of());

    public NamedSides {
        drives = List.copyOf(drives);
        nodes = List.copyOf(nodes);
        networks = List.copyOf(networks);
    }
}
