package jkvm.control.hmp;

import static jkvm.control.hmp.Parameter.flag;
import static jkvm.control.hmp.Parameter.optional;
import static jkvm.control.hmp.Parameter.required;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import jkvm.control.block.BlockJobs;
import jkvm.control.block.GraphChange;
import jkvm.control.block.JobRequest;
import jkvm.control.block.NewOverlayChange;
import jkvm.control.hmp.Parameter.Kind;
import jkvm.control.job.Job;
import jkvm.control.job.JobException;
import jkvm.control.job.JobFacts;
import jkvm.control.job.JobType;
import jkvm.control.job.Jobs;
import jkvm.host.HostException;
import jkvm.host.disk.ByteSize;
import jkvm.host.disk.ImageFormat;
import jkvm.host.image.BlockNode;
import jkvm.host.image.DiskImages;
import jkvm.host.image.NodeException;
import jkvm.machine.Machine;

/** Commands that put overlays over disks, copy between their images and change their size. */
final class BlockCommands {
    private static final String DEVICE = "device", FILE = "snapshot-file", FORMAT = "format", SPEED = "speed",
            BASE = "base", SIZE = "size";

    private final BlockJobs disks;
    private final Jobs jobs;

    BlockCommands(Machine machine, Jobs jobs) {
        this.jobs = jobs;
        disks = new BlockJobs(machine, jobs);
    }

    void addTo(CommandTable table, CommandTable infos) {
        Parameter device = required(DEVICE, Kind.DISK);
        table.add(MonitorCommand.of("block_resize", "device size", "resize a block image", this::resize, device,
                required(SIZE, Kind.WORD)));
        table.add(MonitorCommand.of("block_stream", "device [speed [base]]",
                "copy data from a backing file into a block device", this::stream, device,
                optional(SPEED, Kind.WORD), optional(BASE, Kind.FILE)));
        table.add(MonitorCommand.of("snapshot_blkdev", "[-n] device [new-image-file] [format]",
                "initiates a live snapshot of device: a new image over it, or with -n one that is there",
                this::overlay, flag('n'), device, optional(FILE, Kind.FILE), optional(FORMAT, Kind.WORD)));
        table.add(MonitorCommand.of("block_job_set_speed", "device speed",
                "set maximum speed for a background block operation", arguments -> verb(arguments, job ->
                        job.limit(size(arguments.word(SPEED), 'B'))), device, required(SPEED, Kind.WORD)));
        table.add(MonitorCommand.of("block_job_cancel", "[-f] device", "stop an active background block operation"
                + " (use -f if you want to abort the operation immediately instead of keep running until data is in"
                + " sync)", arguments -> verb(arguments, job -> job.cancel(arguments.isSet('f'))), flag('f'), device));
        table.add(MonitorCommand.of("block_job_complete", "device", "stop an active background block operation",
                arguments -> verb(arguments, Job::complete), device));
        table.add(MonitorCommand.of("block_job_pause", "device", "pause an active background block operation",
                arguments -> verb(arguments, Job::pause), device));
        table.add(MonitorCommand.of("block_job_resume", "device", "resume a paused background block operation",
                arguments -> verb(arguments, Job::resume), device));
        infos.add(MonitorCommand.of("block-jobs", "", "show progress of ongoing block device operations",
                _ -> list()));
    }

    /** A change of the disks. */
    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }

    private static String act(Step step) {
        try {
            step.run();
            return "";
        } catch (NodeException | JobException | HostException | IOException e) {
            throw MonitorException.refused(e.getMessage());
        } catch (UnsupportedOperationException e) {
            throw new MonitorException("Error: the image's format cannot do that");
        }
    }

    private BlockNode image(Arguments arguments) {
        String name = arguments.word(DEVICE);
        return disks.find(name).orElseThrow(() -> new MonitorException("Error: Device '" + name + "' not found"));
    }

    /** @param unit of a number without one */
    private static long size(String text, char unit) {
        return ByteSize.parse(text, unit).orElseThrow(() -> new MonitorException("invalid size"));
    }

    private String resize(Arguments arguments) {
        return act(() -> disks.resize(image(arguments), size(arguments.word(SIZE), 'M')));
    }

    private String stream(Arguments arguments) {
        return act(() -> {
            BlockNode overlay = image(arguments);
            Optional<String> base = arguments.optionalWord(BASE);
            Optional<BlockNode> below = Optional.empty();
            for (BlockNode each = overlay; base.isPresent() && each != null; each = each.backing()) {
                below = each.fileName().equals(base.get()) ? Optional.of(each) : below;
            }
            if (base.isPresent() && below.isEmpty()) {
                throw new NodeException("Can't find '" + base.get() + "' in the backing chain");
            }
            long speed = arguments.optionalWord(SPEED).map(text -> size(text, 'B')).orElse(0L);
            disks.stream(JobRequest.PLAIN.withSpeed(speed), overlay, below, Optional.empty());
        });
    }

    private String overlay(Arguments arguments) {
        String name = arguments.optionalWord(FORMAT).orElse(ImageFormat.QCOW2.text());
        String file = arguments.optionalWord(FILE)
                .orElseThrow(() -> new MonitorException("Error: Parameter 'snapshot-file' is missing"));
        ImageFormat format = DiskImages.format(name)
                .orElseThrow(() -> new MonitorException("Error: Unknown file format '" + name + "'"));
        return act(() -> GraphChange.all(disks.graph(), List.of(new NewOverlayChange(disks.graph(), image(arguments),
                new NewOverlayChange.Overlay(file, Optional.empty(), format, arguments.isSet('n'))))));
    }

    private String verb(Arguments arguments, Consumer<Job> verb) {
        String name = arguments.word(DEVICE);
        return act(() -> verb.accept(jobs.find(name).filter(job -> job.facts().type().isBlock()).orElseThrow(() ->
                new NodeException("Block job '" + name + "' not found"))));
    }

    private String list() {
        List<JobFacts> active = jobs.all().stream().map(Job::facts).filter(job -> job.type().isBlock()).toList();
        return active.isEmpty() ? "No active jobs\n" : active.stream().map(job -> "%s: Completed %d of %d bytes,"
                .formatted(job.type() == JobType.STREAM ? "Streaming device " + job.id()
                        : "Type " + job.type().text() + ", device " + job.id(), job.done(), job.total())
                + " speed limit " + job.speed() + " bytes/s\n").collect(Collectors.joining());
    }
}
