package jkvm.control.hmp;

import static jkvm.control.hmp.Parameter.flag;
import static jkvm.control.hmp.Parameter.optional;
import static jkvm.control.hmp.Parameter.required;

import java.util.Optional;
import jkvm.control.hmp.Parameter.Kind;
import jkvm.control.vnc.VncServer;
import jkvm.control.vnc.VncServers;
import jkvm.host.disk.ImageFormat;
import jkvm.host.image.DiskImages;
import jkvm.machine.MachineMedia;
import jkvm.machine.MachineMedia.Access;

/** Commands that change the media of CD-ROM and floppy disk drives, and the password of a VNC server. */
final class MediumCommands {
    private static final String VNC = "vnc";

    private final MonitorSession session;
    private final MachineMedia media;
    private final VncServers vnc;

    MediumCommands(MonitorSession session, VncServers vnc) {
        this.session = session;
        this.vnc = vnc;
        media = session.machine().devices().media();
    }

    void addTo(CommandTable table) {
        table.add(MonitorCommand.of("eject", "[-f] device", "eject a removable medium (use -f to force it)",
                this::eject, flag('f'), required("device", Kind.DISK)));
        table.add(MonitorCommand.of("change", "device [-f] filename [format [read-only-mode]]",
                "change a removable medium, optional format, use -f to force the operation", this::change,
                required("device", Kind.DISK), flag('f'), required("filename", Kind.FILE),
                optional("format", Kind.WORD), optional("read-only-mode", Kind.WORD)));
    }

    private String changePassword(Arguments arguments) {
        if (!arguments.word("filename").matches("passwd|password")) {
            throw new MonitorException("Error: Expected 'password' after 'vnc'");
        }
        String password = arguments.optionalWord("format")
                .orElseThrow(() -> new MonitorException("the password is missing: change vnc password PASSWORD"));
        Optional<VncServer> server = vnc.find(Optional.empty());
        if (server.isEmpty() || !server.get().setPassword(password)) {
            throw new MonitorException("Error: Could not set password");
        }
        return "";
    }

    private String eject(Arguments arguments) {
        session.await(() -> media.eject(arguments.word("device"), arguments.isSet('f')));
        return "";
    }

    private String change(Arguments arguments) {
        if (arguments.word("device").equals(VNC)) {
            return changePassword(arguments);
        }
        Optional<String> name = arguments.optionalWord("format");
        Optional<ImageFormat> format = name.flatMap(DiskImages::format);
        if (name.isPresent() && format.isEmpty()) {
            throw new MonitorException("Unknown driver '" + name.get() + "'");
        }
        Access access = switch (arguments.optionalWord("read-only-mode").orElse("retain")) {
            case "retain" -> Access.RETAIN;
            case "read-only" -> Access.READ_ONLY;
            case "read-write" -> Access.READ_WRITE;
            default -> throw new MonitorException("invalid parameter: " + arguments.word("read-only-mode"));
        };
        session.await(() -> media.change(arguments.word("device"), arguments.word("filename"), format, access,
                arguments.isSet('f')));
        return "";
    }
}
