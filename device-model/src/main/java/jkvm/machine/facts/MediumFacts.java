package jkvm.machine.facts;

import java.util.Optional;
import jkvm.host.image.DriveSpec;

/**
 * A drive of the machine whose medium comes and goes.
 *
 * @param device the name of the device
 * @param drive  the name of its drive; empty if it has none of its own
 * @param medium the medium that is in; empty for none. {@link MachineFacts#disks} has it, too
 */
public record MediumFacts(String device, Optional<String> drive, boolean hasTray, boolean isTrayOpen, boolean isLocked,
        Optional<DriveSpec> medium) {
    /** The name of the drive, or else of the device. */
    public String name() {
        return drive.orElse(device);
    }
}
