package jkvm.soft.irqchip;

import jkvm.abi.KvmIrqchip;
import jkvm.abi.KvmLapicState;

/** Interrupt controllers of a VM with two vCPUs under test: the host's KVM's or the ones of this package. */
interface Chips extends AutoCloseable {
    int CPUS = 2;

    int setLine(int gsi, boolean level);

    int signalMsi(long address, int data);

    /** The struct's bytes. */
    byte[] chip(int chipId);

    void setChip(KvmIrqchip chip);

    byte[] lapic(int cpu);

    void setLapic(int cpu, KvmLapicState state);

    /** Makes the guest's vCPU 0 do an access. */
    int access(Access access, int address, int value);

    /**
     * Takes an interrupt on vCPU 0.
     *
     * @return the vector or -1
     */
    default int takeInterrupt() {
        return access(Access.INTERRUPT, 0, 0);
    }

    @Override
    void close();

    /** Operations of the guest {@code probe.S}, at their numbers there. */
    enum Access {
        END, IN_BYTE, IN_WORD, OUT_BYTE, OUT_WORD, LOAD_BYTE, LOAD_WORD, LOAD_LONG, STORE_BYTE, STORE_WORD, STORE_LONG,
        INTERRUPT;

        int size() {
            return switch (this) {
                case IN_BYTE, OUT_BYTE, LOAD_BYTE, STORE_BYTE -> 1;
                case IN_WORD, OUT_WORD, LOAD_WORD, STORE_WORD -> 2;
                default -> 4;
            };
        }
    }
}
