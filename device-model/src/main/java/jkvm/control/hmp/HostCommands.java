package jkvm.control.hmp;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import jkvm.device.board.Property;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.image.DriveSpec;
import jkvm.host.netdev.NetdevSpec;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.facts.DeviceFacts;
import jkvm.machine.facts.MediumFacts;

/** The words after {@code info} that show the machine's names and the host sides of its devices. */
final class HostCommands {
    private static final UUID NO_UUID = new UUID(0, 0);

    private final MonitorSession session;

    HostCommands(MonitorSession session) {
        this.session = session;
    }

    void addTo(CommandTable table) {
        table.add(MonitorCommand.of("name", "", "show the current VM name", _ -> name()));
        table.add(MonitorCommand.of("uuid", "", "show the current VM UUID",
                _ -> config().platform().uuid().orElse(NO_UUID) + "\n"));
        table.add(MonitorCommand.of("chardev", "", "show the character devices", _ -> chardevs()));
        table.add(MonitorCommand.of("block", "", "show info of all block devices", _ -> disks()));
        table.add(MonitorCommand.of("network", "", "show the network state", _ -> networks()));
    }

    private MachineConfig config() {
        return session.machine().config();
    }

    private String name() {
        String name = config().platform().name();
        return name.isEmpty() ? "" : name + "\n";
    }

    private List<DeviceFacts> devices() {
        return session.machine().facts().devices().stream().filter(device -> device.config().isPresent()).toList();
    }

    /** The values of a device's properties that are of a class. */
    private static <T> List<T> values(DeviceFacts device, Class<T> type) {
        return device.config().orElseThrow().properties().values().values().stream().filter(type::isInstance)
                .map(type::cast).toList();
    }

    private String chardevs() {
        Set<ChardevSpec> all = new LinkedHashSet<>(config().host().chardevs());
        devices().forEach(device -> all.addAll(values(device, ChardevSpec.class)));
        StringBuilder text = new StringBuilder();
        all.forEach(spec -> text.append(spec.label()).append(": filename=").append(place(spec.backend()))
                .append('\n'));
        return text.toString();
    }

    private static String place(ChardevSpec.Backend backend) {
        return switch (backend) {
            case ChardevSpec.None _, ChardevSpec.Null _ -> "null";
            case ChardevSpec.Stdio _ -> "stdio";
            case ChardevSpec.OutputFile _ -> "file";
            case ChardevSpec.UnixServer unix -> "unix:" + unix.path() + ",server=on";
            case ChardevSpec.UnixClient unix -> "unix:" + unix.path();
            case ChardevSpec.TcpServer tcp -> "tcp:" + tcp.host() + ":" + tcp.port() + ",server=on";
            case ChardevSpec.TcpClient tcp -> "tcp:" + tcp.host() + ":" + tcp.port();
            case ChardevSpec.Telnet telnet -> "telnet:" + place(telnet.socket()).replaceFirst("^[a-z]*:", "");
            case ChardevSpec.Udp udp -> "udp:" + udp.host() + ":" + udp.port();
            case ChardevSpec.Pipe pipe -> "pipe:" + pipe.path();
            case ChardevSpec.HostDevice device -> device.path().toString();
            case ChardevSpec.Ring _ -> "ringbuf";
            case ChardevSpec.Pty _ -> "pty";
            default -> "socket";
        };
    }

    private String disks() {
        List<String> disks = new ArrayList<>();
        for (DeviceFacts device : devices()) {
            for (DriveSpec drive : values(device, DriveSpec.class)) {
                Optional<MediumFacts> medium = session.machine().facts().media().stream()
                        .filter(one -> one.device().equals(device.name())).findFirst();
                if (medium.isPresent()) {
                    continue;
                }
                String format = format(drive);
                disks.add("%s: %s (%s%s)\n    Attached to:      %s\n    Cache mode:       %s\n".formatted(drive.id(),
                        drive.image().text(), format, drive.options().readOnly() ? ", read-only" : "", device.name(),
                        drive.options().cache().text()));
            }
        }
        session.machine().facts().media().forEach(medium -> disks.add(medium(medium)));
        return String.join("\n", disks);
    }

    /** The format of a disk that a device has, whether or not the user has said it. */
    private String format(DriveSpec drive) {
        return session.machine().facts().disks().stream().filter(disk -> disk.drive().equals(drive)).findFirst()
                .map(disk -> disk.format().text()).orElse("");
    }

    /** A drive whose medium comes and goes. */
    private String medium(MediumFacts drive) {
        StringBuilder text = new StringBuilder(drive.name()).append(": ");
        drive.medium().ifPresentOrElse(medium -> text.append("%s (%s%s)\n".formatted(medium.image().text(),
                format(medium), medium.options().readOnly() ? ", read-only" : "")),
                () -> text.append("[not inserted]\n"));
        text.append("    Attached to:      ").append(drive.device()).append("\n    Removable device: ")
                .append(drive.isLocked() ? "locked" : "not locked");
        if (drive.hasTray()) {
            text.append(drive.isTrayOpen() ? ", tray open" : ", tray closed");
        }
        text.append('\n');
        drive.medium().ifPresent(medium -> text.append("    Cache mode:       ")
                .append(medium.options().cache().text()).append('\n'));
        return text.toString();
    }

    private String networks() {
        StringBuilder text = new StringBuilder();
        for (DeviceFacts device : devices()) {
            for (NetdevSpec network : values(device, NetdevSpec.class)) {
                text.append(device.name()).append(": index=0,type=nic,model=")
                        .append(device.config().orElseThrow().type().name());
                device.config().orElseThrow().properties().values().forEach((property, value) -> {
                    if (property.kind() == Property.Kind.MAC) {
                        text.append(",macaddr=").append(PropertyText.of(property, value).replace("\"", ""));
                    }
                });
                text.append("\n \\ ").append(network.id()).append(": index=0,").append(place(network.backend()))
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static String place(NetdevSpec.Backend backend) {
        return switch (backend) {
            case NetdevSpec.User user -> "type=user,net=" + address(user.config().network()) + ",restrict="
                    + (user.config().restrict() ? "on" : "off");
            case NetdevSpec.Tap tap -> "type=tap,ifname=" + tap.interfaceName();
            case NetdevSpec.SocketListen listen -> "type=socket,listen=" + listen.address();
            case NetdevSpec.SocketConnect connect -> "type=socket,connect=" + connect.address();
            case NetdevSpec.HubPort port -> "type=hubport,hubid=" + port.hub();
        };
    }

    private static String address(int ipv4) {
        try {
            return InetAddress.getByAddress(ByteBuffer.allocate(Integer.BYTES).putInt(ipv4).array()).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }
}
