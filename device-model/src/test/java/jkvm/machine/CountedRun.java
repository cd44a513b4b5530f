package jkvm.machine;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import jkvm.host.chardev.FakeChardev;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.config.MachineConfig;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.soft.Accelerators;
import jkvm.work.InstructionClock;

/**
 * One run of a machine whose time is counted in instructions, and all that two runs have to agree in.
 *
 * @param count  of instructions at the end
 * @param nanos  what the guest's clock showed then
 * @param memory SHA-256 of its memory
 * @param serial what it wrote to the first serial port
 * @param status the exit status
 */
public record CountedRun(long count, long nanos, String memory, String serial, int status) {
    private static final int CHUNK = 1 << 20;

    /**
     * Runs a machine to its end.
     *
     * @param config with counted time and a serial port
     */
    public static CountedRun of(MachineConfig config) {
        return of(config, control -> { });
    }

    /** What a run that began in the midst has in common with a whole one. */
    public CountedRun withoutSerial() {
        return new CountedRun(count, nanos, memory, "", status);
    }

    /** Access to a run from outside. */
    public record Control(Machine machine, InstructionClock clock, FakeChardev serial) {
    }

    /**
     * As {@link #of(MachineConfig)}.
     *
     * @param prepare called before the first instruction
     */
    public static CountedRun of(MachineConfig config, Consumer<Control> prepare) {
        InstructionClock clock = config.time().newClock().orElseThrow();
        FakeChardev serial = new FakeChardev();
        MachineBuilder builder = new MachineBuilder(config,
                Accelerators.open(config.host().accelerators(), new FfmSyscalls(), config.softOptions(clock))
                        .syscalls(),
                spec -> serial).clock(clock);
        try (Machine machine = builder.build()) {
            prepare.accept(new Control(machine, clock, serial));
            MachineExit exit = machine.run();
            return new CountedRun(clock.count(), clock.nanos(), hash(machine.memory()), serial.text(), exit.status());
        }
    }

    /**
     * As {@link #of(MachineConfig)}, while as many threads as the host has processors do nothing but keep these busy.
     */
    public static CountedRun onABusyHost(MachineConfig config) {
        List<Thread> busy = new ArrayList<>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            busy.add(Thread.ofPlatform().daemon().name("busy").start(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    Thread.onSpinWait();
                }
            }));
        }
        try {
            return of(config);
        } finally {
            busy.forEach(Thread::interrupt);
        }
    }

    /** SHA-256 of a guest's memory. No vCPU runs. */
    public static String hash(GuestMemory memory) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("each JDK has it", e);
        }
        for (MemoryRegion region : memory.regions()) {
            MemorySegment bytes = region.segment();
            for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
                ByteBuffer chunk = bytes.asSlice(at, Math.min(CHUNK, bytes.byteSize() - at)).asByteBuffer();
                digest.update(chunk);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
