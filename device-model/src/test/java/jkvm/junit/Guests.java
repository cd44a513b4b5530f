package jkvm.junit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import jkvm.control.guest.Guest;
import jkvm.control.guest.GuestBuilder;
import jkvm.control.guest.GuestWaitException;
import jkvm.device.testdev.IsaDebugExitType;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;
import org.opentest4j.TestAbortedException;

/** Makes the guests of one test on one KVM, and closes them. For the test's thread and those that it makes. */
public final class Guests implements AutoCloseable {
    /** Where {@link #code} is, and starts. */
    public static final int CODE_ADDRESS = 0x1000;
    private static final int EXIT_PORT = 0xF4;
    private static final int EXIT_SIZE = 4;

    private final Accelerator.Kind kind;
    private final List<Guest> guests = new ArrayList<>();
    private Accelerator accelerator;
    private Path folder;

    Guests(Accelerator.Kind kind) {
        this.kind = kind;
    }

    /** A machine with a console and with isa-debug-exit at port 0xF4. */
    public static MachineConfig.Builder machine(int memoryMebibytes) {
        return MachineConfig.builder().memory((long) memoryMebibytes << 20).console()
                .device(DeviceConfig.of(IsaDebugExitType.TYPE).with(IsaDebugExitType.PORT, EXIT_PORT)
                        .with(IsaDebugExitType.SIZE, EXIT_SIZE));
    }

    /** The KVM of this test. */
    public synchronized Accelerator accelerator() {
        if (accelerator == null) {
            accelerator = kind == Accelerator.Kind.SOFT ? Accelerators.open(kind.text())
                    : new Accelerator(kind, new FfmSyscalls(), "");
        }
        return accelerator;
    }

    /** A guest, not started. */
    public Guest build(MachineConfig config) {
        return build(Guest.builder(config));
    }

    /** As {@link #build(MachineConfig)}; the KVM is chosen here unless time is counted. */
    public Guest build(GuestBuilder builder) {
        Guest guest = builder.accelerator(accelerator()).build();
        synchronized (this) {
            guests.add(guest);
        }
        return guest;
    }

    /** A guest, started. */
    public Guest start(MachineConfig.Builder config) {
        return build(config.build()).start();
    }

    /** A guest of a few bytes of real-mode code in {@link #machine}, not started. */
    public Guest code(String hex) {
        return code(hex, config -> config);
    }

    /** As {@link #code(String)}, with more or other parts. */
    public Guest code(String hex, UnaryOperator<MachineConfig.Builder> more) {
        Path image = file("code", HexFormat.of().parseHex(hex.replace(" ", "")));
        return build(more.apply(machine(2).image(image, CODE_ADDRESS)).build());
    }

    /** A disk with this content. */
    public GuestDisk disk(byte[] content) {
        return new GuestDisk(file("disk", content));
    }

    /** A file that is deleted after the test. */
    synchronized Path file(String name, byte[] content) {
        try {
            if (folder == null) {
                folder = Files.createTempDirectory("jkvm-guests");
            }
            return Files.write(Files.createTempFile(folder, name, ""), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The failure of a test, with the state of its guests. */
    synchronized Throwable explain(Throwable failure) {
        if (guests.isEmpty() || failure instanceof TestAbortedException || failure instanceof GuestWaitException) {
            return failure;
        }
        StringBuilder state = new StringBuilder();
        guests.forEach(guest -> state.append(guest.report()));
        if (failure instanceof TimeoutException) {
            return new AssertionError(failure.getMessage() + "\n" + state, failure);
        }
        failure.addSuppressed(new GuestState(state.toString()));
        return failure;
    }

    /** Shows in a failure's stack trace. */
    static final class GuestState extends RuntimeException {
        private static final long serialVersionUID = 1;

        GuestState(String message) {
            super(message, null, false, false);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        guests.reversed().forEach(Guest::close);
        guests.clear();
        if (folder != null) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
