package jkvm.control.qmp;

import java.io.IOException;
import java.util.Optional;
import jkvm.control.block.BlockJobs;
import jkvm.control.block.ErrorPolicy;
import jkvm.control.block.JobRequest;
import jkvm.host.image.BlockNode;
import jkvm.host.image.NodeException;

/** Commands that start jobs which copy between the images of a disk, and that change a disk's size and header. */
final class BlockJobCommands {
    private static final Argument<String> JOB_ID = Argument.optional("job-id", Types.STR);
    private static final Argument<String> DEVICE = Argument.required("device", Types.STR);
    private static final Argument<String> ANY_DEVICE = Argument.optional("device", Types.STR);
    private static final Argument<String> NODE = Argument.optional("node-name", Types.STR);
    private static final Argument<String> BASE_NODE = Argument.optional("base-node", Types.STR);
    private static final Argument<String> BASE = Argument.optional("base", Types.STR);
    private static final Argument<String> TOP_NODE = Argument.optional("top-node", Types.STR);
    private static final Argument<String> TOP = Argument.optional("top", Types.STR);
    private static final Argument<String> BACKING_FILE = Argument.optional("backing-file", Types.STR);
    private static final Argument<String> NEW_BACKING_FILE = Argument.required("backing-file", Types.STR);
    private static final Argument<String> IMAGE_NODE = Argument.required("image-node-name", Types.STR);
    private static final Argument<String> TARGET = Argument.required("target", Types.STR);
    private static final Argument<Long> SPEED = Argument.optional("speed", Types.INT);
    private static final Argument<Long> SIZE = Argument.required("size", Types.INT);
    private static final Types.Choice<ErrorPolicy> POLICY = Types.choice("BlockdevOnError", ErrorPolicy.values(),
            ErrorPolicy::text);
    private static final Argument<ErrorPolicy> ON_ERROR = Argument.optional("on-error", POLICY);
    private static final Argument<ErrorPolicy> ON_TARGET_ERROR = Argument.optional("on-target-error", POLICY);
    private static final Argument<BlockJobs.Extent> SYNC = Argument.required("sync",
            Types.choice("MirrorSyncMode", BlockJobs.Extent.values(), extent -> switch (extent) {
                case FULL -> "full";
                case TOP -> "top";
                case NONE -> "none";
            }));
    private static final Argument<Boolean> FINALIZES = Argument.optional("auto-finalize", Types.BOOL);
    private static final Argument<Boolean> DISMISSES = Argument.optional("auto-dismiss", Types.BOOL);

    private final BlockJobs disks;

    BlockJobCommands(BlockJobs disks) {
        this.disks = disks;
    }

    void addTo(CommandTable table) {
        table.add(Declaration.of("block-commit").takes(JOB_ID, DEVICE, BASE_NODE, BASE, TOP_NODE, TOP, BACKING_FILE,
                SPEED, ON_ERROR, FINALIZES, DISMISSES), arguments -> act(() -> commit(arguments)));
        table.add(Declaration.of("block-stream").takes(JOB_ID, DEVICE, BASE, BASE_NODE, BACKING_FILE, SPEED,
                ON_ERROR, FINALIZES, DISMISSES), arguments -> act(() -> stream(arguments)));
        table.add(Declaration.of("blockdev-mirror").takes(JOB_ID, DEVICE, TARGET, SYNC, SPEED, ON_TARGET_ERROR,
                FINALIZES, DISMISSES), arguments -> act(() -> disks.mirror(request(arguments, ON_TARGET_ERROR),
                        BlockActions.device(disks, arguments.get(DEVICE)), node(arguments.get(TARGET)),
                        arguments.get(SYNC))));
        table.add(Declaration.of("block_resize").takes(ANY_DEVICE, NODE, SIZE), arguments -> act(() ->
                resize(arguments)));
        table.add(Declaration.of("change-backing-file").takes(DEVICE, IMAGE_NODE, NEW_BACKING_FILE), arguments ->
                act(() -> disks.changeBackingFile(BlockActions.device(disks, arguments.get(DEVICE)),
                        node(arguments.get(IMAGE_NODE)), arguments.get(NEW_BACKING_FILE))));
    }

    /** A command without a result. */
    @FunctionalInterface
    private interface Step {
        void run() throws IOException, QmpException;
    }

    private static void act(Step step) throws QmpException {
        BlockActions.run(() -> {
            step.run();
            return null;
        });
    }

    private BlockNode node(String name) {
        return disks.node(name);
    }

    private static JobRequest request(Arguments arguments, Argument<ErrorPolicy> policy) {
        return new JobRequest(arguments.find(JOB_ID), arguments.find(SPEED).orElse(0L),
                arguments.find(policy).orElse(ErrorPolicy.REPORT), arguments.find(FINALIZES).orElse(true),
                arguments.find(DISMISSES).orElse(true));
    }

    private void commit(Arguments arguments) throws IOException, QmpException {
        BlockNode active = BlockActions.device(disks, arguments.get(DEVICE));
        disks.commit(request(arguments, ON_ERROR), active, image(arguments, active, TOP_NODE, TOP,
                "Top image file %s not found"), image(arguments, active, BASE_NODE, BASE,
                        "Can't find '%s' in the backing chain"), arguments.find(BACKING_FILE));
    }

    private void stream(Arguments arguments) throws IOException, QmpException {
        BlockNode active = BlockActions.device(disks, arguments.get(DEVICE));
        Optional<BlockNode> base = image(arguments, active, BASE_NODE, BASE, "Can't find '%s' in the backing chain");
        disks.stream(request(arguments, ON_ERROR), active, base, arguments.find(BACKING_FILE));
    }

    /** An image of a chain, by its node's name or its file's. */
    private Optional<BlockNode> image(Arguments arguments, BlockNode active, Argument<String> byNode,
            Argument<String> byFile, String refusal) {
        Optional<String> node = arguments.find(byNode);
        Optional<String> file = arguments.find(byFile);
        if (node.isPresent() && file.isPresent()) {
            throw new NodeException("'%s' and '%s' are mutually exclusive".formatted(byNode.name(),
                    byFile.name()));
        }
        if (file.isEmpty()) {
            return node.map(this::node);
        }
        for (BlockNode each = active; each != null; each = each.backing()) {
            if (each.fileName().equals(file.get())) {
                return Optional.of(each);
            }
        }
        throw new NodeException(refusal.formatted(file.get()));
    }

    private void resize(Arguments arguments) throws IOException {
        Optional<String> device = arguments.find(ANY_DEVICE);
        Optional<String> node = arguments.find(NODE);
        if (arguments.get(SIZE) < 0) {
            throw new NodeException("Parameter 'size' expects a >0 size");
        }
        disks.resize(disks.find(node.or(() -> device).orElse("")).orElseThrow(() ->
                NodeException.absent(device.orElse(""), node.orElse(""))), arguments.get(SIZE));
    }
}
