package jkvm.app.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmExit;
import jkvm.boot.EntryStates;
import jkvm.linux.Errno;
import jkvm.linux.LinuxException;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;
import jkvm.vm.Kvm;
import jkvm.vm.KvmLayout;
import jkvm.vm.Vcpu;
import jkvm.vm.Vm;

/**
 * How fast a KVM runs guests, measured with two tiny loops in real mode.
 *
 * @param instructionsPerSecond of a loop without exits
 * @param medianExitNanos       from a port write in the guest to the next, through this process
 * @param meanExitNanos         the same, mean
 * @param exits                 how many exits were timed
 */
record GuestSpeed(double instructionsPerSecond, double medianExitNanos, double meanExitNanos, int exits) {
    /** A processor runs a loop at hundreds of millions of instructions a second, an emulator at a few millions. */
    static final double HARDWARE_THRESHOLD = 100e6;

    private static final int MEMORY_SIZE = 0x10000;
    private static final int CODE = 0x1000;
    private static final int EXIT_LOOP = CODE;
    private static final int SPIN_LOOP = CODE + 0x10;
    private static final int LAPS = 0x2000;
    private static final int INSTRUCTIONS_PER_LAP = 2;

    private static final int WARM_UP_EXITS = 300;
    private static final int MAX_EXITS = 5000;
    private static final long EXIT_TIME_NANOS = 150_000_000;
    private static final int FIRST_LAPS = 500;
    private static final int MAX_LAPS = 1 << 28;
    private static final long SPIN_TIME_NANOS = 20_000_000;
    /** Until the JVM has compiled what a KVM in Java is made of, and what that makes of the guest. */
    private static final long WARM_UP_NANOS = 700_000_000;

    /** True where the processor itself runs the guest, false where the kernel emulates its instructions. */
    boolean isHardware() {
        return instructionsPerSecond > HARDWARE_THRESHOLD;
    }

    /**
     * Measures; takes about a fifth of a second.
     *
     * @throws IllegalStateException if the guest ends otherwise than by its port write
     */
    static GuestSpeed measure(Kvm kvm) {
        return measure(kvm, 0);
    }

    /** Measures a KVM that becomes faster while it runs; takes about a second and a half. */
    static GuestSpeed measureWarm(Kvm kvm) {
        return measure(kvm, WARM_UP_NANOS);
    }

    private static GuestSpeed measure(Kvm kvm, long warmUpNanos) {
        try (Vm vm = kvm.createVm()) {
            GuestMemory memory = MemoryBacking.ANONYMOUS.allocate(vm.syscalls(), vm.arena(), MEMORY_SIZE);
            memory.write(CODE, image());
            vm.setMemory(memory);
            if (vm.checkExtension(KvmCap.SET_TSS_ADDR) != 0) {
                vm.setTssAddress(KvmLayout.TSS_ADDRESS);
            }
            Vcpu vcpu = vm.createVcpu(0);
            long[] exits = timeExits(vcpu, warmUpNanos);
            double median = exits[exits.length / 2];
            double mean = Arrays.stream(exits).average().orElseThrow();
            double speed = timeSpin(vcpu, memory, median, warmUpNanos);
            return new GuestSpeed(speed, median, mean, exits.length);
        }
    }

    private static byte[] image() {
        try (InputStream in = GuestSpeed.class.getResourceAsStream("speed.bin")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return nanoseconds of each exit, sorted */
    private static long[] timeExits(Vcpu vcpu, long warmUpNanos) {
        EntryStates.realMode(0, EXIT_LOOP).apply(vcpu);
        long start = System.nanoTime();
        for (int i = 0; i < WARM_UP_EXITS || System.nanoTime() - start < warmUpNanos; i++) {
            runToPortWrite(vcpu);
        }
        long[] times = new long[MAX_EXITS];
        int count = 0;
        start = System.nanoTime();
        long before = start;
        while (count < MAX_EXITS && before - start < EXIT_TIME_NANOS) {
            runToPortWrite(vcpu);
            long now = System.nanoTime();
            times[count++] = now - before;
            before = now;
        }
        long[] result = Arrays.copyOf(times, count);
        Arrays.sort(result);
        return result;
    }

    /**
     * Spins longer and longer until the time is long enough to measure, then goes on while it warms up. The best
     * counts.
     */
    private static double timeSpin(Vcpu vcpu, GuestMemory memory, double exitNanos, long warmUpNanos) {
        EntryStates.realMode(0, SPIN_LOOP).apply(vcpu);
        int laps = FIRST_LAPS;
        double best = 0;
        long start = System.nanoTime();
        while (true) {
            memory.writeInt(LAPS, laps);
            long before = System.nanoTime();
            runToPortWrite(vcpu);
            long now = System.nanoTime();
            long time = now - before;
            boolean isLong = time >= SPIN_TIME_NANOS || laps >= MAX_LAPS;
            if (isLong) {
                best = Math.max(best, (double) INSTRUCTIONS_PER_LAP * laps * 1e9 / Math.max(1, time - exitNanos));
            } else {
                laps *= 4;
            }
            if (isLong && now - start >= warmUpNanos) {
                return best;
            }
        }
    }

    private static void runToPortWrite(Vcpu vcpu) {
        // No run loop, which would complete the access by one more KVM_RUN.
        int reason = vcpu.run();
        while (reason == -Errno.EINTR.code()) {
            vcpu.clearInterrupt();
            reason = vcpu.run();
        }
        if (reason < 0) {
            throw new LinuxException("KVM_RUN", -reason);
        }
        if (reason != KvmExit.IO) {
            throw new IllegalStateException("the test guest ended with KVM_EXIT_" + KvmExit.name(reason));
        }
    }
}
