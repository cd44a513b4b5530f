package jkvm.bus;

import java.util.ArrayList;
import java.util.List;

/** Counts what devices ask of their machine. */
public final class RecordingMachineControl implements MachineControl {
    private final List<Integer> exits = new ArrayList<>();
    private int resets;
    private int powerOffs;
    private int diskSuspends;
    private int suspends;
    private int wakeUps;

    @Override
    public synchronized void requestReset() {
        resets++;
    }

    @Override
    public synchronized void requestPowerOff() {
        powerOffs++;
    }

    @Override
    public synchronized void requestSuspendToDisk() {
        diskSuspends++;
    }

    @Override
    public synchronized void requestSuspend() {
        suspends++;
    }

    @Override
    public synchronized void requestWakeUp() {
        wakeUps++;
    }

    @Override
    public synchronized void requestExit(int status) {
        exits.add(status);
    }

    public synchronized int resets() {
        return resets;
    }

    public synchronized int powerOffs() {
        return powerOffs;
    }

    public synchronized int diskSuspends() {
        return diskSuspends;
    }

    public synchronized int suspends() {
        return suspends;
    }

    public synchronized int wakeUps() {
        return wakeUps;
    }

    /** The statuses asked for, oldest first. */
    public synchronized List<Integer> exits() {
        return List.copyOf(exits);
    }
}
