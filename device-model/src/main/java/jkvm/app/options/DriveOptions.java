package jkvm.app.options;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.DriveSpec;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineType;

/** Reads {@code -drive}, {@code -hda}, {@code -cdrom} and {@code -snapshot}. */
final class DriveOptions {

    /** A drive, and whether a device of its own shows it to the guest. */
    private record Drive(String where, String id, Path file, ImageOptions options, boolean hasDevice) {
    }

    private final Map<String, Drive> drives = new LinkedHashMap<>();
    /** The drives that a {@code -device} names. */
    private final List<String> used = new ArrayList<>();
    private boolean snapshot;

    /** All drives keep what the guest writes in temporary files. */
    void setSnapshot() {
        snapshot = true;
    }

    /** {@code -hda} or {@code -cdrom}. */
    void addFile(String option, String file, boolean readOnly) {
        String where = option + " " + file;
        add(new Drive(where, option.substring(1), ChardevOptions.path(where, file),
                ImageOptions.WRITABLE.withReadOnly(readOnly), true));
    }

    void add(String text) {
        OptionValues values = new OptionValues("-drive", text, "");
        Path file = ChardevOptions.path(values.where(), values.require("file"));
        String kind = values.take("if").orElse("virtio");
        if (!kind.equals("virtio") && !kind.equals("none")) {
            throw values.error("only if=virtio and if=none are supported");
        }
        String media = values.take("media").orElse("disk");
        if (!media.equals("disk") && !media.equals("cdrom")) {
            throw values.error("media= must be disk or cdrom");
        }
        boolean cdrom = media.equals("cdrom");
        ImageOptions options = ImageOptions.WRITABLE.withReadOnly(values.takeFlag("readonly", cdrom))
                .withTemporary(values.takeFlag("snapshot", false));
        Optional<String> format = values.take("format");
        if (format.isPresent()) {
            options = options.withFormat(ImageFormat.of(format.get()).orElseThrow(() ->
                    values.error("only format=raw and format=qcow2 are supported")));
        }
        Optional<String> cache = values.take("cache");
        if (cache.isPresent()) {
            options = options.withCache(cacheMode(values, cache.get()));
        }
        options = options.withUnmap(values.take("discard").map(mode -> discards(values, mode)).orElse(false));
        values.takeFixed("index", "0", "1", "2", "3");
        values.takeFixed("aio", "threads");
        values.takeFixed("copy-on-read", "off");
        values.takeFixed("detect-zeroes", "off");
        values.takeFixed("werror", "report");
        values.takeFixed("rerror", "report");
        String id = values.take("id").orElse(kind + drives.size());
        values.end();
        add(new Drive(values.where(), id, file, options, kind.equals("virtio")));
    }

    private void add(Drive drive) {
        if (drives.putIfAbsent(drive.id(), drive) != null) {
            throw new UsageException(drive.where() + ": the id " + drive.id() + " is in use already");
        }
    }

    private static CacheMode cacheMode(OptionValues values, String text) {
        for (CacheMode mode : CacheMode.values()) {
            if (mode.text().equals(text)) {
                return mode;
            }
        }
        throw values.error("cache= must be writeback, writethrough, unsafe or none");
    }

    private static boolean discards(OptionValues values, String mode) {
        return switch (mode) {
            case "unmap", "on" -> true;
            case "ignore", "off" -> false;
            default -> throw values.error("discard= must be unmap or ignore");
        };
    }

    /**
     * The drive that a device names.
     *
     * @param where the device's option, for messages
     */
    DriveSpec use(String where, String id) {
        Drive drive = drives.get(id);
        if (drive == null) {
            throw new UsageException(where + ": there is no drive " + id + "; add -drive if=none,id=" + id
                    + ",file=FILE");
        }
        if (drive.hasDevice() || used.contains(id)) {
            throw new UsageException(where + ": drive " + id + " is in use"
                    + (drive.hasDevice() ? "; write if=none in its -drive" : ""));
        }
        used.add(id);
        return config(drive);
    }

    private DriveSpec config(Drive drive) {
        boolean temporary = drive.options().temporary() || snapshot && !drive.options().readOnly();
        return new DriveSpec(drive.id(), drive.file(), drive.options().withTemporary(temporary));
    }

    /** A device for each drive that has one without a {@code -device}. */
    List<DeviceConfig> devices(MachineType type) {
        DeviceConfig device = DeviceConfig.of(type == MachineType.PC ? VirtioBlockType.PCI : VirtioBlockType.MMIO);
        List<DeviceConfig> devices = new ArrayList<>();
        for (Drive drive : drives.values()) {
            if (drive.hasDevice()) {
                devices.add(device.with(VirtioBlockType.DRIVE, config(drive)));
            }
        }
        return devices;
    }
}
