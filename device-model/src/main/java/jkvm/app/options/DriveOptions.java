package jkvm.app.options;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import jkvm.device.floppy.FloppyType;
import jkvm.device.ide.IdeType;
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
     * A drive as its option describes it.
     *
     * @param id   the user's; empty for one made from its place
     * @param kind of interface; empty for the machine's usual one
     * @param place where it is to go, as far as the option says
     */
    private record Request(String where, String id, ImageDescription image, ImageOptions options, String kind,
            boolean isCd, DrivePlaces.Wish place) {
    }

    /**
     * A drive that has its place.
     *
     * @param place of the interface's own numbers; NO_PLACE if that has none
     */
    private record Drive(Request request, String id, String kind, int place) {
        boolean hasDevice() {
            return !kind.equals(NONE);
        }
    }

    private static final List<String> INTERFACES =
            List.of("virtio", "none", "ide", "scsi", "floppy", "pflash", "mtd", "sd");
    private static final String NONE = "none", IDE = "ide", VIRTIO = "virtio", FLOPPY = "floppy";
    private static final int MAX_INDEX = 255;
    private static final int NO_PLACE = -1;
    private static final int CDROM_INDEX = 2;

    private final List<Request> requests = new ArrayList<>();
    /** Made of the requests by {@link #place}. */
    private final Map<String, Drive> drives = new LinkedHashMap<>();
    /** The drives that a {@code -device} names. */
    private final List<String> used = new ArrayList<>();
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
        requests.add(new Request(where, "", DriveImage.ofName(where, file, config), ImageOptions.WRITABLE, "", false,
                DrivePlaces.Wish.ofIndex(index)));
    }

    /**
     * {@code -fda} and {@code -fdb}.
     *
     * @param unit 0 for drive A, 1 for drive B
     */
    void addFloppy(String option, String file, int unit) {
        String where = option + " " + file;
        requests.add(new Request(where, "", DriveImage.ofName(where, file, config), ImageOptions.WRITABLE, FLOPPY,
                false, DrivePlaces.Wish.ofIndex(unit)));
    }

    /** {@code -cdrom}. */
    void addCdrom(String file) {
        String where = "-cdrom " + file;
        requests.add(new Request(where, "", DriveImage.ofName(where, file, config), ImageOptions.READ_ONLY, "", true,
                DrivePlaces.Wish.ofIndex(CDROM_INDEX)));
    }

    void add(String text) {
        OptionValues values = new OptionValues("-drive", text, "");
        String kind = values.take("if").orElse("");
        if (!kind.isEmpty() && !INTERFACES.contains(kind)) {
            throw values.error("unsupported bus type '" + kind + "'; there are " + String.join(", ", INTERFACES));
        }
        boolean cdrom = values.takeChoice("media", "disk", "cdrom").orElse("").equals("cdrom");
        Optional<String> format = format(values);
        Optional<ImageFormat> known = format.flatMap(DiskImages::format);
        ImageOptions options = options(values, cdrom).withFormat(known);
        DrivePlaces.Wish place = new DrivePlaces.Wish(values.takeNumber("index", 0, MAX_INDEX),
                values.takeNumber("bus", 0, MAX_INDEX), values.takeNumber("unit", 0, MAX_INDEX));
        if (place.isTwice()) {
            throw values.error("index cannot be used with bus and unit");
        }
        boolean isTuned = readTuning(values);
        Optional<String> id = values.takeId();
        Optional<String> protocol = known.isPresent() ? Optional.empty() : format;
        ImageDescription image = DriveImage.take(values, protocol, config);
        values.end();
        String where = values.where();
        if (!List.of("", VIRTIO, NONE, IDE, FLOPPY).contains(kind)) {
            config.notYet(where, NotYet.of(kind));
        }
        if (isTuned) {
            config.notYet(where, NotYet.BLOCK_TUNING);
        }
        if (id.isPresent() && requests.stream().anyMatch(other -> other.id().equals(id.get()))) {
            throw duplicate(where, id.get());
        }
        requests.add(new Request(where, id.orElse(""), image, options, kind, cdrom, place));
    }

    private static UsageException duplicate(String where, String id) {
        return new UsageException(where + ": Duplicate ID '" + id + "' for drive");
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

    /** Gives each drive its place, in the order of the options, when the machine's kind is known. */
    void place(MachineType type) {
        DrivePlaces ide = new DrivePlaces(DrivePlaces.Cables.IDE, type == MachineType.PC);
        DrivePlaces floppies = new DrivePlaces(DrivePlaces.Cables.FLOPPY, type == MachineType.PC);
        Set<Integer> indices = new HashSet<>();
        drives.clear();
        for (Request request : requests) {
            String kind = !request.kind().isEmpty() ? request.kind() : type == MachineType.PC ? IDE : VIRTIO;
            int place = switch (kind) {
                case IDE -> ide.take(request.where(), request.place());
                case FLOPPY -> floppies.take(request.where(), request.place());
                case VIRTIO -> request.place().index().map(Long::intValue).orElse(NO_PLACE);
                default -> NO_PLACE;
            };
            if (kind.equals(VIRTIO) && place != NO_PLACE && !indices.add(place)) {
                throw new UsageException(request.where() + ": a drive with index=" + place + " exists");
            }
            String made = kind.equals(IDE) ? DrivePlaces.nameOf(place, request.isCd())
                    : kind + (kind.equals(FLOPPY) ? place : drives.size());
            String id = request.id().isEmpty() ? made : request.id();
            if (drives.putIfAbsent(id, new Drive(request, id, kind, place)) != null) {
                throw duplicate(request.where(), id);
            }
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
            throw new UsageException(where + ": Drive '" + id + "' is already in use "
                    + (drive.hasDevice() ? "because it has been automatically connected to another device (did you need"
                    + " 'if=none' in the drive options?)" : "by another device"));
        }
        used.add(id);
        return spec(drive);
    }

    /** The drives for devices that name one. */
    List<DriveSpec> declared() {
        return drives.values().stream().filter(drive -> !drive.hasDevice()).map(this::spec).toList();
    }

    private DriveSpec spec(Drive drive) {
        ImageOptions options = drive.request().options();
        boolean temporary = options.temporary() || snapshot && !options.readOnly();
        return new DriveSpec(drive.id(), drive.request().image(), options.withTemporary(temporary));
    }

    /** True if the first place of the second cable, where a PC has its CD-ROM drive, is a drive's. */
    boolean hasCdPlace() {
        return drives.values().stream().anyMatch(drive -> drive.kind().equals(IDE) && drive.place() == CDROM_INDEX);
    }

    /** The empty CD-ROM drive that a PC has where nothing says otherwise. */
    static DeviceConfig emptyCd() {
        return DrivePlaces.at(DeviceConfig.of(IdeType.Cd.TYPE), CDROM_INDEX)
                .with(IdeType.Cd.DRIVE, DriveSpec.empty(DrivePlaces.nameOf(CDROM_INDEX, true)));
    }

    /** True if an option asks for a drive of floppy disks. */
    boolean hasFloppies() {
        return drives.values().stream().anyMatch(drive -> drive.kind().equals(FLOPPY));
    }

    /** True if a drive of floppy disks has this place. */
    private boolean hasFloppy(int place) {
        return drives.values().stream().anyMatch(drive -> drive.kind().equals(FLOPPY) && drive.place() == place);
    }

    /**
     * A device for each drive of floppy disks, drive A first.
     *
     * @param hasEmptyDrive true if there is a drive A even without a disk
     */
    List<DeviceConfig> floppies(boolean hasEmptyDrive) {
        List<DeviceConfig> devices = new ArrayList<>();
        DeviceConfig device = DeviceConfig.of(FloppyType.TYPE);
        if (hasEmptyDrive && !hasFloppy(0)) {
            devices.add(device.with(FloppyType.UNIT, 0).with(FloppyType.DRIVE, DriveSpec.empty(FLOPPY + 0)));
        }
        drives.values().stream().filter(drive -> drive.kind().equals(FLOPPY))
                // Not Comparator.comparingInt, whose lambda is serializable: the start-up cache keeps none of those.
                .sorted((one, other) -> Integer.compare(one.place(), other.place())).forEach(drive -> devices.add(
                        device.with(FloppyType.UNIT, drive.place()).with(FloppyType.DRIVE, spec(drive))));
        return devices;
    }

    /** A device for each drive of the IDE controller. */
    List<DeviceConfig> ideDevices() {
        List<DeviceConfig> devices = new ArrayList<>();
        for (Drive drive : drives.values()) {
            if (drive.kind().equals(IDE)) {
                devices.add(drive.request().isCd()
                        ? DrivePlaces.at(DeviceConfig.of(IdeType.Cd.TYPE), drive.place())
                                .with(IdeType.Cd.DRIVE, spec(drive))
                        : DrivePlaces.at(DeviceConfig.of(IdeType.HardDisk.TYPE), drive.place())
                                .with(IdeType.HardDisk.DRIVE, spec(drive)));
            }
        }
        return devices;
    }

    /**
     * A device for each virtio drive that has one without a {@code -device}. Drives with an index take the places of
     * such drives on the line in the order of their indices.
     */
    List<DeviceConfig> devices(MachineType type) {
        DeviceConfig device = DeviceConfig.of(type == MachineType.PC ? VirtioBlockType.PCI : VirtioBlockType.MMIO);
        List<Drive> all = drives.values().stream().filter(drive -> drive.kind().equals(VIRTIO)).toList();
        Iterator<Drive> indexed = all.stream().filter(drive -> drive.place() != NO_PLACE)
                .sorted((a, b) -> Integer.compare(a.place(), b.place())).iterator();
        List<DeviceConfig> devices = new ArrayList<>();
        for (Drive drive : all) {
            Drive next = drive.place() == NO_PLACE ? drive : indexed.next();
            devices.add(device.with(VirtioBlockType.DRIVE, spec(next)));
        }
        return devices;
    }
}
