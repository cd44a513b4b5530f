package jkvm.app.options;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.ImageDescription;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineType;

/** Reads {@code -drive}, {@code -hda}, {@code -cdrom} and {@code -snapshot}. */
final class DriveOptions {

    /**
     * A drive.
     *
     * @param index     its place among those of the old kind, -hda to -hdd; NO_INDEX without
     * @param hasDevice whether a device of its own shows it to the guest
     */
    private record Drive(String where, String id, ImageDescription image, ImageOptions options, int index,
            boolean hasDevice) {
    }

    private static final List<String> INTERFACES =
            List.of("virtio", "none", "ide", "scsi", "floppy", "pflash", "mtd", "sd");
    private static final int MAX_INDEX = 255;
    private static final int NO_INDEX = -1;
    private static final int CDROM_INDEX = 2;

    private final Map<String, Drive> drives = new LinkedHashMap<>();
    /** The drives that a {@code -device} names. */
    private final List<String> used = new ArrayList<>();
    private final Set<Integer> indices = new HashSet<>();
    private final ConfigBuilder config;
    private boolean snapshot;

    /** @param config hears of what is not there yet */
    DriveOptions(ConfigBuilder config) {
        this.config = config;
    }

    /** All drives keep what the guest writes in temporary files. */
    void setSnapshot() {
        snapshot = true;
    }

    /**
     * A disk by its file alone.
     *
     * @param option {@code -hda} to {@code -hdd}, or empty for a file without an option
     * @param index  its place among them
     */
    void addFile(String option, String file, int index) {
        String where = (option + " " + file).stripLeading();
        addIndexed(where, file, index, "ide0-hd" + index, ImageOptions.WRITABLE);
    }

    /** {@code -cdrom}. */
    void addCdrom(String file) {
        addIndexed("-cdrom " + file, file, CDROM_INDEX, "ide1-cd0", ImageOptions.READ_ONLY);
    }

    private void addIndexed(String where, String file, int index, String id, ImageOptions options) {
        takeIndex(where, index);
        add(new Drive(where, id, DriveImage.ofName(where, file, config), options, index, true));
    }

    private void takeIndex(String where, int index) {
        if (!indices.add(index)) {
            throw new UsageException(where + ": a drive with index=" + index + " exists");
        }
    }

    void add(String text) {
        OptionValues values = new OptionValues("-drive", text, "");
        String kind = values.take("if").orElse("virtio");
        if (!INTERFACES.contains(kind)) {
            throw values.error("unsupported bus type '" + kind + "'; there are " + String.join(", ", INTERFACES));
        }
        boolean cdrom = values.takeChoice("media", "disk", "cdrom").orElse("").equals("cdrom");
        Optional<String> format = format(values);
        Optional<ImageFormat> known = format.flatMap(DiskImages::format);
        ImageOptions options = options(values, cdrom).withFormat(known);
        Optional<Long> index = values.takeNumber("index", 0, MAX_INDEX);
        values.takeNumber("bus", 0, MAX_INDEX);
        values.takeNumber("unit", 0, MAX_INDEX);
        boolean isTuned = readTuning(values);
        Optional<String> id = values.takeId();
        Optional<String> protocol = known.isPresent() ? Optional.empty() : format;
        ImageDescription image = DriveImage.take(values, protocol, config);
        values.end();
        String where = values.where();
        switch (kind) {
            case "ide" -> config.notYet(where, NotYet.IDE);
            case "virtio", "none" -> { }
            default -> config.notYet(where, NotYet.of(kind));
        }
        if (isTuned) {
            config.notYet(where, NotYet.BLOCK_TUNING);
        }
        int place = kind.equals("none") || kind.equals("virtio") && index.isEmpty() ? NO_INDEX
                : index.map(Long::intValue).orElse(NO_INDEX);
        if (place != NO_INDEX) {
            takeIndex(where, place);
        }
        add(new Drive(where, id.orElse(kind + drives.size()), image, options, place,
                !kind.equals("none")));
    }

    /** The name of a format, or of a protocol. */
    private static Optional<String> format(OptionValues values) {
        Optional<String> format = values.take("format");
        Optional<String> driver = values.take("driver");
        if (format.isPresent() && driver.isPresent()) {
            throw values.error("Cannot specify both 'driver' and 'format'");
        }
        Optional<String> name = format.or(() -> driver);
        if (name.isPresent() && DiskImages.format(name.get()).isEmpty() && !DriveImage.PROTOCOLS.contains(name.get())) {
            throw values.error("Unknown driver '" + name.get() + "'");
        }
        return name;
    }

    private static ImageOptions options(OptionValues values, boolean cdrom) {
        ImageOptions options = ImageOptions.WRITABLE.withReadOnly(values.takeFlag("readonly", cdrom))
                .withTemporary(values.takeFlag("snapshot", false));
        Optional<CacheMode> cache = values.take("cache").map(text -> cacheMode(values, text));
        if (cache.isPresent()) {
            options = options.withCache(cache.get());
        }
        if (values.takeChoice("aio", "threads", "native", "io_uring").orElse("").equals("native")
                && !options.cache().isDirect()) {
            throw values.error("aio=native requires cache.direct=on: add cache=none or cache=directsync");
        }
        return options.withUnmap(values.take("discard").map(mode -> discards(values, mode)).orElse(false));
    }

    /** Takes those properties that change no byte which the guest reads; true if one asks for more than the usual. */
    private boolean readTuning(OptionValues values) {
        boolean isTuned = values.takeFlag("copy-on-read", false);
        isTuned |= !values.takeChoice("detect-zeroes", "off", "on", "unmap").orElse("off").equals("off");
        for (String unit : new String[] {"bps", "iops"}) {
            for (String direction : new String[] {"", "_rd", "_wr"}) {
                String name = unit + direction;
                for (String limit : new String[] {name, name + "_max", name + "_max_length"}) {
                    isTuned |= values.takeNumber(limit, 0, Long.MAX_VALUE).isPresent();
                }
            }
        }
        isTuned |= values.takeNumber("iops_size", 0, Long.MAX_VALUE).isPresent();
        values.take("group");
        boolean isReported = values.takeChoice("werror", "enospc", "report", "ignore", "stop")
                .filter(action -> !action.equals("report") && !action.equals("enospc")).isEmpty();
        isReported &= values.takeChoice("rerror", "report", "ignore", "stop")
                .filter(action -> !action.equals("report")).isEmpty();
        if (!isReported) {
            config.notYet(values.where(), NotYet.DISK_ERRORS);
        }
        return isTuned;
    }

    private void add(Drive drive) {
        if (drives.putIfAbsent(drive.id(), drive) != null) {
            throw new UsageException(drive.where() + ": Duplicate ID '" + drive.id() + "' for drive");
        }
    }

    private static CacheMode cacheMode(OptionValues values, String text) {
        for (CacheMode mode : CacheMode.values()) {
            if (mode.text().equals(text)) {
                return mode;
            }
        }
        throw values.error("cache= must be writeback, writethrough, unsafe, none or directsync");
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
        Optional<DriveSpec> node = drive == null ? config.nodes.find(id) : Optional.empty();
        if (node.isPresent()) {
            if (used.contains(id)) {
                throw new UsageException(where + ": node " + id + " is in use by another device");
            }
            used.add(id);
            return node.get();
        }
        if (drive == null) {
            throw new UsageException(where + ": there is no drive " + id + "; add -drive if=none,id=" + id
                    + ",file=FILE");
        }
        if (drive.hasDevice() || used.contains(id)) {
            throw new UsageException(where + ": drive " + id + " is in use"
                    + (drive.hasDevice() ? "; write if=none in its -drive" : ""));
        }
        used.add(id);
        return spec(drive);
    }

    /** The drives for devices that name one. */
    List<DriveSpec> declared() {
        return drives.values().stream().filter(drive -> !drive.hasDevice()).map(this::spec).toList();
    }

    private DriveSpec spec(Drive drive) {
        boolean temporary = drive.options().temporary() || snapshot && !drive.options().readOnly();
        return new DriveSpec(drive.id(), drive.image(), drive.options().withTemporary(temporary));
    }

    /**
     * A device for each drive that has one without a {@code -device}. Drives with an index take the places of such
     * drives on the line in the order of their indices.
     */
    List<DeviceConfig> devices(MachineType type) {
        DeviceConfig device = DeviceConfig.of(type == MachineType.PC ? VirtioBlockType.PCI : VirtioBlockType.MMIO);
        Iterator<Drive> indexed = drives.values().stream().filter(drive -> drive.index() != NO_INDEX)
                .sorted((a, b) -> Integer.compare(a.index(), b.index())).iterator();
        List<DeviceConfig> devices = new ArrayList<>();
        for (Drive drive : drives.values()) {
            Drive next = drive.index() == NO_INDEX ? drive : indexed.next();
            if (next.hasDevice()) {
                devices.add(device.with(VirtioBlockType.DRIVE, spec(next)));
            }
        }
        return devices;
    }
}
