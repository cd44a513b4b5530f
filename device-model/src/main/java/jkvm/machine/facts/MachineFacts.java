package jkvm.machine.facts;

import java.util.List;

/**
 * The parts of a machine and where a guest finds them.
 *
 * @param memory  in ascending order of addresses; ranges of different kinds may overlap: the registers are seen
 * @param ports   in ascending order
 * @param devices in the order in which they were added
 * @param disks   in the order in which devices took them
 * @param media   the drives whose media come and go
 */
public record MachineFacts(List<MemoryRange> memory, List<PortRange> ports, List<DeviceFacts> devices,
        List<DiskFacts> disks, List<MediumFacts> media) {
    public MachineFacts {
        memory = List.copyOf(memory);
        ports = List.copyOf(ports);
        devices = List.copyOf(devices);
        disks = List.copyOf(disks);
        media = List.copyOf(media);
    }
}
