package jkvm.control.guest;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import jkvm.bios.ServiceTable;
import jkvm.machine.MachineBuilder;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;

/** Says how a guest is to run. */
public final class GuestBuilder {
    private static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(30);

    final MachineConfig config;
    /** Null for the one that the configuration asks for. */
    Accelerator accelerator;
    Duration patience = DEFAULT_PATIENCE;
    Charset charset = StandardCharsets.UTF_8;
    /** Null for the built-in BIOS's own services. */
    UnaryOperator<ServiceTable> biosServices;
    boolean isAwaiting;

    GuestBuilder(MachineConfig config) {
        this.config = Objects.requireNonNull(config);
    }

    /** Runs it on this KVM instead of the one that the configuration asks for. Not with counted time. */
    public GuestBuilder accelerator(Accelerator chosen) {
        accelerator = Objects.requireNonNull(chosen);
        return this;
    }

    /** How long a wait lasts that has no duration of its own; 30 seconds by default. */
    public GuestBuilder patience(Duration duration) {
        patience = Objects.requireNonNull(duration);
        return this;
    }

    /** The encoding of the console's characters; UTF-8 by default. */
    public GuestBuilder charset(Charset encoding) {
        charset = Objects.requireNonNull(encoding);
        return this;
    }

    /**
     * Replaces services of the built-in BIOS, where the machine has it.
     *
     * @param change gets the table of its services, and answers the one that the machine is to use
     */
    public GuestBuilder biosServices(UnaryOperator<ServiceTable> change) {
        biosServices = Objects.requireNonNull(change);
        return this;
    }

    /** Lets the guest wait for the state of another machine, as {@link MachineBuilder#awaitsState()}. */
    public GuestBuilder awaitsState() {
        isAwaiting = true;
        return this;
    }

    /**
     * Builds the machine.
     *
     * @throws RuntimeException as {@link MachineBuilder#build()} and {@link Accelerators#open(List, Syscalls)}
     */
    public Guest build() {
        return new Guest(this);
    }
}
