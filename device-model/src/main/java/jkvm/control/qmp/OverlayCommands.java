package jkvm.control.qmp;

import java.util.ArrayList;
import java.util.List;
import jkvm.control.block.AbortChange;
import jkvm.control.block.BlockJobs;
import jkvm.control.block.GraphChange;
import jkvm.control.block.InternalSnapshotChange;
import jkvm.control.block.NewOverlayChange;
import jkvm.control.block.OverlayChange;
import jkvm.host.disk.ImageFormat;
import jkvm.host.image.BlockNode;
import jkvm.host.image.DiskImages;
import jkvm.host.image.NodeException;
import jkvm.json.Json;

/** Commands that put overlays over disks or keep their content, one by one or several as one. */
final class OverlayCommands {
    private static final Argument<String> NODE = Argument.required("node", Types.STR);
    private static final Argument<String> OVERLAY = Argument.required("overlay", Types.STR);
    private static final Argument<String> DEVICE = Argument.required("device", Types.STR);
    private static final Argument<String> ANY_DEVICE = Argument.optional("device", Types.STR);
    private static final Argument<String> NODE_NAME = Argument.optional("node-name", Types.STR);
    private static final Argument<String> FILE = Argument.required("snapshot-file", Types.STR);
    private static final Argument<String> OVERLAY_NAME = Argument.optional("snapshot-node-name", Types.STR);
    private static final Argument<String> FORMAT = Argument.optional("format", Types.STR);
    private static final Argument<Boolean> IS_THERE = Argument.optional("mode", Types.choice("NewImageMode",
            new Boolean[] {true, false}, isThere -> isThere ? "existing" : "absolute-paths"));
    private static final Argument<String> NAME = Argument.required("name", Types.STR);

    /** The changes that a transaction may have. */
    private enum Kind {
        ABORT("abort", new InputObject("Abort", List.of(), false)),
        OVERLAY_NODE("blockdev-snapshot", new InputObject("BlockdevSnapshot", List.of(NODE, OVERLAY), false)),
        NEW_OVERLAY("blockdev-snapshot-sync", new InputObject("BlockdevSnapshotSync",
                List.of(ANY_DEVICE, NODE_NAME, FILE, OVERLAY_NAME, FORMAT, IS_THERE), false)),
        INTERNAL("blockdev-snapshot-internal-sync", new InputObject("BlockdevSnapshotInternal",
                List.of(DEVICE, NAME), false));

        private final String text;
        private final InputObject data;

        Kind(String text, InputObject data) {
            this.text = text;
            this.data = data;
        }
    }

    private static final Argument<Kind> TYPE = Argument.required("type",
            Types.choice("TransactionActionKind", Kind.values(), kind -> kind.text));
    private static final Argument<Json> DATA = Argument.required("data", Types.ANY);
    private static final Argument<List<Arguments>> ACTIONS = Argument.required("actions",
            Types.items(new InputObject("TransactionAction", List.of(TYPE, DATA), false)));
    private static final Argument<String> MODE = Argument.optional("completion-mode", Types.choice(
            "ActionCompletionMode", new String[] {"individual", "grouped"}, mode -> mode));
    /** Nothing of a transaction outlasts it, so that there is nothing to group. */
    private static final Argument<Arguments> PROPERTIES = Argument.optional("properties",
            new InputObject("TransactionProperties", List.of(MODE), false));

    private final BlockJobs disks;

    OverlayCommands(BlockJobs disks) {
        this.disks = disks;
    }

    void addTo(CommandTable table) {
        for (Kind kind : List.of(Kind.OVERLAY_NODE, Kind.NEW_OVERLAY, Kind.INTERNAL)) {
            table.add(Declaration.of(kind.text).takes(kind.data.members().toArray(Argument<?>[]::new)), arguments ->
                    make(List.of(change(kind, arguments))));
        }
        table.add(Declaration.of("transaction").takes(ACTIONS, PROPERTIES), this::transact);
    }

    private void transact(Arguments arguments) throws QmpException {
        List<GraphChange> changes = new ArrayList<>();
        for (Arguments action : arguments.get(ACTIONS)) {
            Kind kind = action.get(TYPE);
            String path = "actions[" + changes.size() + "].data";
            changes.add(change(kind, kind.data.decode(action.get(DATA), path)));
        }
        make(changes);
    }

    private void make(List<GraphChange> changes) throws QmpException {
        BlockActions.run(() -> {
            GraphChange.all(disks.graph(), changes);
            return null;
        });
    }

    private GraphChange change(Kind kind, Arguments arguments) throws QmpException {
        return BlockActions.run(() -> switch (kind) {
            case ABORT -> new AbortChange();
            case OVERLAY_NODE -> new OverlayChange(disks.graph(), disks.node(arguments.get(NODE)),
                    disks.node(arguments.get(OVERLAY)));
            case NEW_OVERLAY -> newOverlay(arguments);
            case INTERNAL -> new InternalSnapshotChange(arguments.get(DEVICE),
                    BlockActions.device(disks, arguments.get(DEVICE)), arguments.get(NAME));
        });
    }

    private GraphChange newOverlay(Arguments arguments) throws QmpException {
        String device = arguments.find(ANY_DEVICE).orElse("");
        String node = arguments.find(NODE_NAME).orElse("");
        if (device.isEmpty() == node.isEmpty()) {
            throw new QmpException("Need exactly one of 'device' and 'node-name'");
        }
        BlockNode image = disks.find(device.isEmpty() ? node : device).orElseThrow(() ->
                NodeException.absent(device, node));
        String format = arguments.find(FORMAT).orElse(ImageFormat.QCOW2.text());
        return new NewOverlayChange(disks.graph(), image, new NewOverlayChange.Overlay(arguments.get(FILE),
                arguments.find(OVERLAY_NAME), DiskImages.format(format).orElseThrow(() ->
                        new QmpException("Unknown file format '" + format + "'")),
                arguments.find(IS_THERE).orElse(false)));
    }
}
