package jkvm.machine.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import jkvm.host.chardev.ChardevSpec;
import jkvm.machine.MachineBuilder;
import jkvm.soft.Accelerator;

/**
 * The host's resources that a machine uses.
 *
 * @param accelerators what may run it, the preferred first; empty for the fastest there is. For {@link
 *                     jkvm.soft.Accelerators#open(List, jkvm.linux.Syscalls, jkvm.soft.SoftOptions)}, whose system
 *                     calls {@link MachineBuilder} takes
 * @param compiles     whether the KVM in Java, where it is chosen, compiles hot guest code
 * @param chardevs     those that are opened whether a device uses them or not
 * @param secrets      passphrases of encrypted images, by the ids that images name them by
 * @param randomFiles  files of random bytes, by the ids that devices name them by
 * @param sides        disks and networks that devices name, also devices that come later
 */
public record HostConfig(List<Accelerator.Kind> accelerators, boolean compiles, List<ChardevSpec> chardevs,
        Map<String, byte[]> secrets, Map<String, Path> randomFiles,
        NamedSides sides) {

    public HostConfig {
        accelerators = List.copyOf(accelerators);
        chardevs = List.copyOf(chardevs);
        secrets = Map.copyOf(secrets);
        randomFiles = Map.copyOf(randomFiles);
    }
}
