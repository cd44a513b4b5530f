package jkvm.control.qmp;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import jkvm.host.disk.ImageFormat;
import jkvm.host.image.DiskImages;
import jkvm.machine.Machine;
import jkvm.machine.MachineMedia;
import jkvm.machine.MachineMedia.Access;

/** Commands that change the media of CD-ROM and floppy disk drives. */
final class MediumCommands {
    private static final Argument<String> DEVICE = Argument.optional("device", Types.STR);
    private static final Argument<String> ID = Argument.optional("id", Types.STR);
    private static final Argument<String> THIS_ID = Argument.required("id", Types.STR);
    private static final Argument<Boolean> FORCE = Argument.optional("force", Types.BOOL);
    private static final Argument<String> NODE = Argument.required("node-name", Types.STR);
    private static final Argument<String> FILE = Argument.required("filename", Types.STR);
    private static final Argument<String> FORMAT = Argument.optional("format", Types.STR);
    private static final Argument<Access> ACCESS = Argument.optional("read-only-mode",
            Types.choice("BlockdevChangeReadOnlyMode", Access.values(), access -> switch (access) {
                case RETAIN -> "retain";
                case READ_ONLY -> "read-only";
                case READ_WRITE -> "read-write";
            }));

    private final MachineMedia media;

    MediumCommands(Machine machine) {
        media = machine.devices().media();
    }

    void addTo(CommandTable table) {
        table.add(Declaration.of("eject").takes(DEVICE, ID, FORCE), arguments ->
                RunCommands.await(media.eject(drive(arguments), arguments.find(FORCE).orElse(false))));
        table.add(Declaration.of("blockdev-open-tray").takes(DEVICE, ID, FORCE), arguments ->
                RunCommands.await(media.openTray(drive(arguments), arguments.find(FORCE).orElse(false))));
        table.add(Declaration.of("blockdev-close-tray").takes(DEVICE, ID), arguments ->
                RunCommands.await(media.closeTray(drive(arguments))));
        table.add(Declaration.of("blockdev-remove-medium").takes(THIS_ID), arguments ->
                RunCommands.await(media.remove(arguments.get(THIS_ID))));
        table.add(Declaration.of("blockdev-insert-medium").takes(THIS_ID, NODE), arguments ->
                RunCommands.await(media.insert(arguments.get(THIS_ID), arguments.get(NODE))));
        table.add(Declaration.of("blockdev-change-medium").takes(DEVICE, ID, FILE, FORMAT, FORCE, ACCESS),
                this::change);
    }

    private static String drive(Arguments arguments) throws QmpException {
        List<String> names = Stream.of(arguments.find(DEVICE), arguments.find(ID))
                .flatMap(Optional::stream).toList();
        if (names.size() != 1) {
            throw new QmpException("Need exactly one of 'device' and 'id'");
        }
        return names.getFirst();
    }

    private void change(Arguments arguments) throws QmpException {
        Optional<String> name = arguments.find(FORMAT);
        Optional<ImageFormat> format = name.flatMap(DiskImages::format);
        if (name.isPresent() && format.isEmpty()) {
            throw new QmpException("Unknown driver '" + name.get() + "'");
        }
        RunCommands.await(media.change(drive(arguments), arguments.get(FILE), format,
                arguments.find(ACCESS).orElse(Access.RETAIN), arguments.find(FORCE).orElse(false)));
    }
}
