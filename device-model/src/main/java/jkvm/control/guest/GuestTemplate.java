package jkvm.control.guest;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.config.CloneConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.machine.snapshot.SealedState;
import jkvm.soft.Accelerator;

/**
 * A guest at a moment, from which any number of guests go on, in this process: clones. They share its RAM until they
 * write to it. Each has a UUID, network addresses and a VM generation ID of its own, and what it writes to its disks is
 * gone when it is closed.
 *
 * {@snippet :
 * MachineConfig config = MachineConfig.builder().memory(1 << 20).console().entry(0x1000).build();
 * try (Guest guest = Guest.builder(config).accelerator(Accelerators.open("soft")).build()) {
 *     guest.write(0x1000, HexFormat.ofDelimiter(" ").parseHex(
 *             "ba f8 03 b0 3f ee "            // mov dx, 0x3F8; mov al, '?'; out dx, al
 *             + "ec 3c 79 75 fb "             // again: in al, dx; cmp al, 'y'; jne again
 *             + "fe 06 00 20 a0 00 20 "       // inc byte [0x2000]; mov al, [0x2000]
 *             + "04 30 ee f4"));              // add al, '0'; out dx, al; hlt
 *     guest.start().awaitOutput("?");
 *     try (GuestTemplate template = GuestTemplate.of(guest)) {
 *         for (Guest clone : template.start(3)) {
 *             clone.type("y");
 *             clone.awaitOutput("1");         // each has a byte of its own at 0x2000
 *             clone.close();
 *         }
 *     }
 * }
 * }
 *
 * <p>What survives in a clone: all of the guest, its timers and processes. What does not, as one machine alone can have
 * it: a connection that came in from the host, of which the guest hears that it is reset, and frames and bytes on their
 * way. A guest that ran knows its network address: the new one is that of its card from the next start of its driver.
 *
 * <p>Any thread may call.
 */
public final class GuestTemplate implements AutoCloseable {
    private final MachineConfig config;
    private final SealedState state;
    /** Null for the one that the configuration asks for, anew for each clone. */
    private final Accelerator accelerator;
    private int clones;

    private GuestTemplate(MachineConfig config, MachineSnapshot snapshot, Accelerator accelerator) {
        this.config = Objects.requireNonNull(config);
        this.accelerator = accelerator;
        state = SealedState.of(new FfmSyscalls(), snapshot);
    }

    /** Saves a guest, which goes on as before. Its disks must not change as long as there are clones. */
    public static GuestTemplate of(Guest guest) {
        return new GuestTemplate(guest.machine().config(), guest.machine().save().join(), guest.accelerator());
    }

    /**
     * A template of a saved state, which is copied.
     *
     * @param config of a machine that may take it over
     * @throws jkvm.state.StateException if it is damaged
     */
    public static GuestTemplate of(MachineConfig config, MachineSnapshot snapshot) {
        return new GuestTemplate(config, snapshot, null);
    }

    /** As {@link #of(MachineConfig, MachineSnapshot)}, for clones that all run on this KVM. */
    public static GuestTemplate of(MachineConfig config, MachineSnapshot snapshot, Accelerator accelerator) {
        return new GuestTemplate(config, snapshot, Objects.requireNonNull(accelerator));
    }

    /** Makes the next clone. It stands where the template stood, until {@link Guest#resume()}. */
    public Guest make() {
        return make(UnaryOperator.identity());
    }

    /**
     * As {@link #make()}, with a configuration that differs in what the saved state does not tell of.
     *
     * @param change gets the clone's configuration
     * @throws jkvm.state.StateException if it does not fit the state
     * @throws RuntimeException          as {@link GuestBuilder#build()}
     */
    public Guest make(UnaryOperator<MachineConfig> change) {
        MachineConfig own = change.apply(CloneConfig.of(config, nextNumber()));
        GuestBuilder builder = Guest.builder(own);
        if (accelerator != null && own.time().counting().isEmpty()) {
            builder.accelerator(accelerator);
        }
        Guest clone = builder.build();
        try {
            clone.startPaused().machine().load(state.snapshot()).join();
            return clone;
        } catch (CompletionException e) {
            clone.close();
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private synchronized int nextNumber() {
        return ++clones;
    }

    /**
     * Makes clones and starts them.
     *
     * @return to be closed by the caller; if one of them cannot be made there is none
     */
    public List<Guest> start(int count) {
        List<Guest> guests = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                guests.add(make());
            }
            guests.forEach(Guest::resume);
            return guests;
        } catch (RuntimeException e) {
            guests.forEach(Guest::close);
            throw e;
        }
    }

    /** Frees the template. Its clones go on. */
    @Override
    public void close() {
        state.close();
    }
}
