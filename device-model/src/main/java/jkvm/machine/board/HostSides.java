package jkvm.machine.board;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import jkvm.device.board.Board;
import jkvm.device.board.RandomSource;
import jkvm.host.chardev.Chardev;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.chardev.CountedChardev;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.DiskStatistics;
import jkvm.host.disk.UndoDisk;
import jkvm.host.image.DiskImages;
import jkvm.host.image.DiskRoot;
import jkvm.host.image.DriveSpec;
import jkvm.host.net.NetBackend;
import jkvm.host.net.NullBackend;
import jkvm.host.netdev.NetBackends;
import jkvm.host.netdev.NetdevSpec;
import jkvm.linux.Syscalls;
import jkvm.machine.facts.DiskFacts;
import jkvm.work.Workers;

/** The host sides of a machine's devices: opens them, and closes them after the devices have ended. */
public final class HostSides implements AutoCloseable {
    private final Syscalls syscalls;
    private final Function<ChardevSpec, Chardev> openChardev;
    private final Workers workers;
    private final Map<String, Path> randomFiles;
    private final OptionalLong seed;
    private final DriveSides drives;
    private final List<String> guessedImages = new ArrayList<>();
    private final List<UndoDisk> undoDisks = new ArrayList<>();
    private boolean undoes;
    private final Map<String, Integer> openedChardevs = new HashMap<>();
    private final Deque<Closing> closing = new ArrayDeque<>();
    private final MediumSlots media = new MediumSlots(this);
    private final NetworkSides networks;
    private int generators;
    private final List<TakenDisk> disks = new CopyOnWriteArrayList<>();

    /** A disk that a device has. */
    private record TakenDisk(DriveSpec drive, DiskRoot image, DiskStatistics statistics) {
    }

    /**
     * @param openChardev opens a chardev; closing it is the caller's affair
     * @param workers     those of the machine: the host sides' loops are among them
     * @param secrets     passphrases of encrypted images, by their ids
     * @param randomFiles files of random bytes, by the ids of their objects
     * @param seed        of the guest's random numbers; empty for random ones
     */
    public HostSides(Syscalls syscalls, Function<ChardevSpec, Chardev> openChardev, Workers workers,
            Map<String, byte[]> secrets, Map<String, Path> randomFiles, OptionalLong seed) {
        this.syscalls = syscalls;
        this.openChardev = openChardev;
        this.workers = workers;
        this.randomFiles = Map.copyOf(randomFiles);
        this.seed = seed;
        this.networks = new NetworkSides(new NetBackends(syscalls, workers));
        closeAtEnd(networks::close);
        this.drives = new DriveSides(new DiskImages(syscalls, secrets, guessedImages::add));
        closeAtEnd(drives::close);
    }

    /** A host side that has something to end or to save. */
    public interface Closing {
        /** @throws IOException if something could not be saved; the message tells the user what */
        void close() throws IOException;
    }

    Syscalls syscalls() {
        return syscalls;
    }

    Chardev chardev(ChardevSpec spec) {
        int user = openedChardevs.merge(spec.label(), 1, Integer::sum);
        Chardev chardev = openChardev.apply(spec);
        return workers.clock() == null ? chardev
                : new CountedChardev(chardev, user == 1 ? spec.label() : spec.label() + "#" + user, workers.clock());
    }

    /** A chardev that no device uses is opened all the same, as QEMU does: its mistakes are the user's to see. */
    public void openUnused(List<ChardevSpec> declared) {
        for (ChardevSpec spec : declared) {
            if (!openedChardevs.containsKey(spec.label())) {
                var _ = chardev(spec);
            }
        }
    }

    /** The disks that the user has named. */
    public DriveSides drives() {
        return drives;
    }

    /** The drives whose media come and go. */
    public MediumSlots media() {
        return media;
    }

    /** The networks that the user has named. */
    public NetworkSides networks() {
        return networks;
    }

    /** @param owner gets what is to be closed with the device */
    DiskImage disk(DriveSpec drive, Consumer<Closing> owner) {
        // A recording and its replays find the same disk, which none of them changes.
        boolean stays = workers.clock() != null && workers.clock().log().isUsed();
        DriveSpec spec = stays
                ? new DriveSpec(drive.id(), drive.image(), drive.options().withTemporary(true)) : drive;
        DiskRoot image = drives.take(spec);
        TakenDisk taken = new TakenDisk(drive, image, new DiskStatistics());
        disks.add(taken);
        owner.accept(() -> {
            disks.remove(taken);
            drives.giveBack(spec, image);
        });
        if (undoes || stays && workers.clock().log().isReplay()) {
            UndoDisk disk = new UndoDisk(image);
            undoDisks.add(disk);
            return disk;
        }
        return image;
    }

    /** The disks that devices have, in the order in which they took them. Any thread may ask. */
    List<DiskSide> diskSides() {
        return disks.stream().map(disk -> new DiskSide(disk.drive().id(), disk.image())).toList();
    }

    /** True if a device has the disk with this name. */
    boolean hasDisk(String name) {
        return disks.stream().anyMatch(disk -> disk.drive().id().equals(name));
    }

    /** The counters of a disk that a device has. */
    DiskStatistics statistics(DriveSpec drive) {
        return disks.stream().filter(disk -> disk.drive().equals(drive)).findFirst().orElseThrow().statistics();
    }

    /** The disks that devices have, in the order in which they took them. Any thread may ask. */
    List<DiskFacts> diskFacts() {
        List<DiskFacts> facts = new ArrayList<>();
        for (TakenDisk disk : disks) {
            DiskRoot image = disk.image();
            int backingFiles = 0;
            for (DiskImage below = image.backing(); below != null; below = below.backing()) {
                backingFiles++;
            }
            facts.add(new DiskFacts(disk.drive(), drives.isNode(disk.drive().id()), image.format(), image.name(),
                    backingFiles, image.capacity(), image.isReadOnly(), disk.statistics(),
                    image.node()));
        }
        return facts;
    }

    /** Keeps of disks that are opened from now on what the guest replaces, while somebody wants to return to it. */
    public void undoDisks(boolean undo) {
        undoes = undo;
    }

    /** @throws IllegalStateException if the guest may write to a disk that cannot return to an earlier moment */
    void requireUndoableDisks() {
        for (TakenDisk disk : disks) {
            if (!undoes && !disk.image().isReadOnly()) {
                throw new IllegalStateException("the guest may write to the disk " + disk.image().name()
                        + ", and this machine was not made for reset points: its disks are not undone");
            }
        }
    }

    /** The disks whose writes can be undone. */
    List<UndoDisk> undoDisks() {
        return List.copyOf(undoDisks);
    }

    /** The images that were opened for writing without their format, and taken for raw. */
    public List<String> guessedImages() {
        return List.copyOf(guessedImages);
    }

    /** @param owner gets what is to be closed with the device */
    NetBackend network(Optional<NetdevSpec> netdev, Consumer<Closing> owner) {
        NetBackend backend = netdev.map(networks::take).orElseGet(NullBackend::new);
        owner.accept(backend::close);
        return backend;
    }

    /**
     * Random bytes for one more device, as {@link Board#random}.
     *
     * @param owner gets what is to be closed with the device
     */
    RandomSource random(Optional<String> object, Consumer<Closing> owner) {
        generators++;
        Optional<Path> path = object.map(randomFiles::get);
        if (path.isPresent()) {
            RandomFile file = new RandomFile(syscalls, path.get().toString());
            owner.accept(file::close);
            return file;
        }
        if (seed.isPresent()) {
            SeededRandom random = new SeededRandom(seed.getAsLong() + generators);
            if (workers.clock() != null) {
                workers.clock().exactStates().add("random" + generators, random);
            }
            return random;
        }
        RandomGenerator generator = new SecureRandom();
        return (target, length) -> {
            generator.nextBytes(target);
            return length;
        };
    }

    /** Closes a resource with the machine, after those that are opened later. */
    public void closeAtEnd(Closing resource) {
        closing.push(resource);
    }

    /** Takes back a {@link #closeAtEnd} that was closed early; the same object. */
    void forget(Closing resource) {
        closing.remove(resource);
    }

    /**
     * Closes all, the rest too when something of it could not be saved.
     *
     * @throws UncheckedIOException if something could not be saved
     */
    @Override
    public void close() {
        List<IOException> unsaved = new ArrayList<>();
        while (!closing.isEmpty()) {
            try {
                closing.pop().close();
            } catch (IOException e) {
                unsaved.add(e);
            }
        }
        if (!unsaved.isEmpty()) {
            throw new UncheckedIOException(unsaved.stream().map(IOException::getMessage)
                    .collect(Collectors.joining("; ")), unsaved.getFirst());
        }
    }
}
