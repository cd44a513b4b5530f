package jkvm.vm;

import java.util.ArrayList;
import java.util.List;
import jkvm.abi.KvmClockData;
import jkvm.abi.KvmMsrs;
import jkvm.state.StateException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * A VM's kvmclock and the time stamp counters of its vCPUs at a moment, and their restore: they go on from where they
 * were, whatever time has passed. Capture and restore while the vCPUs are paused; restore before the vCPUs'
 * {@link VcpuState}, since a timer armed by the counter is computed when it is set.
 *
 * <p>Counters are read one after the other while they run, and KVM takes a write for an attempt to synchronize, and the
 * last counter's offset instead, if it comes within a second of what it expects (kvm_synchronize_tsc). So only the
 * first one is restored by its value; the others keep their distance to it, and both are set as offsets where KVM has
 * KVM_VCPU_TSC_OFFSET.
 */
public final class ClockState {
    private static final int STATE_VERSION = 1;
    private static final int IA32_TSC = 0x10;
    private static final int MAX_KHZ = 100_000_000;

    private final long clockNanos;
    private final long firstTsc;
    private final List<Counter> counters;

    /**
     * One vCPU's counter.
     *
     * @param khz      its frequency
     * @param distance of its offset to the first one's
     */
    private record Counter(int khz, long distance) {
    }

    private ClockState(long clockNanos, long firstTsc, List<Counter> counters) {
        this.clockNanos = clockNanos;
        this.firstTsc = firstTsc;
        this.counters = counters;
    }

    /** Reads the times. */
    public static ClockState capture(Vm vm, List<Vcpu> vcpus) {
        List<Counter> counters = new ArrayList<>();
        for (Vcpu vcpu : vcpus) {
            counters.add(new Counter(vcpu.tscKhz(), offset(vcpu) - offset(vcpus.getFirst())));
        }
        return new ClockState(vm.clock().clock(), vcpus.getFirst().msr(IA32_TSC), List.copyOf(counters));
    }

    /** Zero where KVM does not tell. */
    private static long offset(Vcpu vcpu) {
        return TscOffset.isSettable(vcpu) ? TscOffset.of(vcpu) : 0;
    }

    /**
     * Lets the clocks go on from here.
     *
     * @throws StateException if the number of vCPUs differs, or the host cannot run a counter at its frequency
     */
    public void restore(Vm vm, List<Vcpu> vcpus) {
        if (vcpus.size() != counters.size()) {
            throw new StateException("the state has %d vCPUs, the machine %d".formatted(counters.size(), vcpus.size()));
        }
        Vcpu first = vcpus.getFirst();
        for (int i = 0; i < vcpus.size(); i++) {
            Vcpu vcpu = vcpus.get(i);
            setFrequency(vcpu, counters.get(i).khz);
            setCounter(vcpu);
        }
        if (TscOffset.isSettable(first)) {
            long present = TscOffset.of(first) + firstTsc - first.msr(IA32_TSC);
            for (int i = 0; i < vcpus.size(); i++) {
                TscOffset.set(vcpus.get(i), present + counters.get(i).distance);
            }
        }
        KvmClockData clock = new KvmClockData();
        clock.clock(clockNanos);
        vm.clock(clock);
    }

    private static void setFrequency(Vcpu vcpu, int khz) {
        if (vcpu.tscKhz() != khz) {
            try {
                vcpu.tscKhz(khz);
            } catch (RuntimeException e) {
                throw new StateException("the state's time stamp counter runs at %d kHz, this host's at %d: %s"
                        .formatted(khz, vcpu.tscKhz(), e.getMessage()));
            }
        }
    }

    private void setCounter(Vcpu vcpu) {
        KvmMsrs tsc = KvmMsrs.of(IA32_TSC);
        tsc.data(0, firstTsc);
        vcpu.writeMsrs(tsc);
    }

    /** Writes the times. */
    public void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putLong("kvmclock", clockNanos);
        out.putLong("tsc", firstTsc);
        out.putInt("vcpus", counters.size());
        for (Counter counter : counters) {
            out.putInt("khz", counter.khz);
            out.putLong("distance", counter.distance);
        }
    }

    /**
     * Reads what {@link #save} wrote.
     *
     * @param vcpus how many the VM has that it is for
     * @throws StateException if the state does not fit
     */
    public static ClockState load(StateReader in, int vcpus) {
        in.getVersion(STATE_VERSION);
        long clockNanos = in.getLong("kvmclock");
        long firstTsc = in.getLong("tsc");
        int count = in.getInt("vcpus", vcpus, vcpus);
        List<Counter> counters = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            counters.add(new Counter(in.getInt("khz", 1, MAX_KHZ), in.getLong("distance")));
        }
        return new ClockState(clockNanos, firstTsc, List.copyOf(counters));
    }
}
