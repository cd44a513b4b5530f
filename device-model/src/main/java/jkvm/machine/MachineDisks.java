package jkvm.machine;

import java.util.List;
import java.util.Optional;
import jkvm.host.image.BlockGraph;
import jkvm.host.image.BlockNode;
import jkvm.host.image.DiskRoot;
import jkvm.host.image.DriveSpec;
import jkvm.machine.board.DriveSides;

/** The images that a machine's disks are made of, for those who change them while the machine runs. Any thread. */
public final class MachineDisks {
    private final DriveSides drives;

    MachineDisks(DriveSides drives) {
        this.drives = drives;
    }

    /** All images that are open, and how they are put together. */
    public BlockGraph graph() {
        return drives.graph();
    }

    /**
     * The block node of a name, which is opened if it was declared for the start and no device has it.
     *
     * @throws jkvm.host.HostException if it cannot be used
     */
    public Optional<BlockNode> node(String name) {
        return drives.node(name);
    }

    /** The disk of a drive that a device has; empty if there is none. */
    public Optional<DiskRoot> disk(String drive) {
        return drives.disk(drive);
    }

    /** The block nodes that the user has named, whether they are open or not. */
    public List<DriveSpec> namedNodes() {
        return drives.declaredNodes();
    }
}
