package jkvm.machine;

import java.util.List;
import java.util.Map;
import jkvm.host.image.DriveSpec;
import jkvm.host.netdev.NetdevSpec;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.HotplugException;
import jkvm.machine.config.HotplugException.Kind;

/**
 * Reads devices and host sides as users and management programs write them: {@code name=value,name=value} with two
 * commas for one in a value, or a JSON object. What the command line knows is known here. A method throws a {@link
 * HotplugException} whose message is one line; nothing is opened.
 */
public interface DeviceReader {
    /** Of a machine that was made by a program, which makes its devices itself. */
    DeviceReader NONE = new DeviceReader() {
        @Override
        public DeviceConfig device(String text, MachineDevices present) {
            throw refusal();
        }

        @Override
        public NetdevSpec network(String text) {
            throw refusal();
        }

        @Override
        public DriveSpec drive(String text) {
            throw refusal();
        }

        @Override
        public DriveSpec node(String text, MachineDevices present) {
            throw refusal();
        }

        private HotplugException refusal() {
            return new HotplugException(Kind.INVALID, "", "this machine's devices are made by its program");
        }
    };

    /** The types of objects that {@code -object} makes: their properties, and the types of these. */
    default Map<String, Map<String, String>> objectTypes() {
        return Map.of();
    }

    /**
     * A device, as {@code -device} takes it.
     *
     * @param present has the disks and networks that it may name
     */
    DeviceConfig device(String text, MachineDevices present);

    /** A network, as {@code -netdev} takes it. */
    NetdevSpec network(String text);

    /** A disk for one device, as {@code -drive} takes it with {@code if=none}. */
    DriveSpec drive(String text);

    /**
     * A disk that stays, as {@code -blockdev} takes it.
     *
     * @param present has the nodes of which it may be put together
     */
    DriveSpec node(String text, MachineDevices present);

    /** The groups of options that the command line has, under QEMU's names. */
    default List<String> optionGroups() {
        return List.of();
    }
}
