package jkvm.soft.irqchip;

import jkvm.abi.KvmIrqchip;
import jkvm.abi.KvmLapicState;
import jkvm.abi.KvmPitState2;

/** The chips of this package, with a clock that stands still until it is moved. */
final class JavaChips implements Chips {
    final SteppedTimers timers = new SteppedTimers();
    final IrqChips chips;
    final Pit pit;
    final FakeVcpu[] vcpus = new FakeVcpu[CPUS];
    final Lapic[] lapics = new Lapic[CPUS];

    JavaChips() {
        chips = IrqChips.full(timers);
        pit = new Pit(timers, chips, true);
        for (int i = 0; i < CPUS; i++) {
            vcpus[i] = new FakeVcpu(timers);
            lapics[i] = chips.addVcpu(i, i == 0, vcpus[i]);
        }
    }

    @Override
    public int setLine(int gsi, boolean level) {
        return chips.setLine(gsi, level, true);
    }

    @Override
    public int signalMsi(long address, int data) {
        return chips.signalMsi(address, data);
    }

    @Override
    public byte[] chip(int chipId) {
        KvmIrqchip chip = new KvmIrqchip(chipId);
        chips.read(chip);
        return chip.segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    @Override
    public void setChip(KvmIrqchip chip) {
        chips.write(chip);
    }

    @Override
    public byte[] lapic(int cpu) {
        KvmLapicState state = new KvmLapicState();
        lapics[cpu].read(state);
        return state.segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    @Override
    public void setLapic(int cpu, KvmLapicState state) {
        lapics[cpu].write(state);
    }

    KvmPitState2 pitState() {
        KvmPitState2 state = new KvmPitState2();
        pit.read(state);
        return state;
    }

    int in(int port) {
        return access(Access.IN_BYTE, port, 0);
    }

    void out(int port, int value) {
        access(Access.OUT_BYTE, port, value);
    }

    int load(int address) {
        return access(Access.LOAD_LONG, address, 0);
    }

    void store(int address, int value) {
        access(Access.STORE_LONG, address, value);
    }

    @Override
    public int access(Access access, int address, int value) {
        int size = access.size();
        switch (access) {
            case IN_BYTE, IN_WORD -> {
                int mask = (1 << 8 * size) - 1;
                int answer = chips.handlesPort(address, size) ? chips.readPort(address, size)
                        : pit.handlesPort(address, size) ? pit.readPort(address, size, value) : value;
                return value & ~mask | answer & mask;
            }
            case OUT_BYTE, OUT_WORD -> {
                int cut = value & (1 << 8 * size) - 1;
                if (chips.handlesPort(address, size)) {
                    chips.writePort(address, size, cut);
                } else if (pit.handlesPort(address, size)) {
                    pit.writePort(address, size, cut);
                }
                return value;
            }
            case LOAD_BYTE, LOAD_WORD, LOAD_LONG -> {
                long gpa = Integer.toUnsignedLong(address);
                return (int) (lapics[0].handlesMmio(gpa) ? lapics[0].readMmio(gpa, size)
                        : chips.readMmio(gpa, size));
            }
            case STORE_BYTE, STORE_WORD, STORE_LONG -> {
                long gpa = Integer.toUnsignedLong(address);
                long cut = Integer.toUnsignedLong(value) & (1L << 8 * size) - 1;
                if (lapics[0].handlesMmio(gpa)) {
                    lapics[0].writeMmio(gpa, size, cut);
                } else {
                    chips.writeMmio(gpa, size, cut);
                }
                return 0;
            }
            default -> {
                return lapics[0].hasInterrupt() ? lapics[0].acknowledge() : -1;
            }
        }
    }

    @Override
    public void close() {
        // Nothing but memory.
    }
}
