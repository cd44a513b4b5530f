package jkvm.device.e1000;

import java.util.concurrent.atomic.AtomicInteger;
import jkvm.bus.IoHandler;
import jkvm.bus.RegisterNames;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The guest's reads and writes of registers. Registers have 32 bits: narrower reads give a part, narrower
 * writes are dropped, a write of 64 bits is two.
 *
 * <p>Causes, mask and the rings' indices are reached without the device's lock, so that a driver's interrupt handler
 * and its doorbells wait for nothing. This object's monitor is the device's lock, which guards all others.
 */
final class E1000Registers {
    private static final int ADDRESS_PORT = 0;
    private static final int DATA_PORT = 4;
    private static final int RING_SIZE = 0x20;
    private static final int RDH_OFFSET = RegisterMap.RDBAL_OFFSET + RegisterMap.RING_HEAD;
    private static final int RDT_OFFSET = RegisterMap.RDBAL_OFFSET + RegisterMap.RING_TAIL;
    private static final int TDH_OFFSET = RegisterMap.TDBAL_OFFSET + RegisterMap.RING_HEAD;
    private static final int TDT_OFFSET = RegisterMap.TDBAL_OFFSET + RegisterMap.RING_TAIL;

    private final RegisterFile registers;
    private final Statistics statistics;
    private final Eeprom eeprom;
    private final Phy phy;
    private final Interrupts interrupts;
    private final DescriptorRing transmitRing;
    private final DescriptorRing receiveRing;
    private final Commands commands;
    /** The register that IODATA reaches. */
    private volatile int selected;
    /** vCPUs that wait for the device's lock. */
    private final AtomicInteger waiting = new AtomicInteger();

    /** Commands to the device. The lock is held for all methods but the last two. */
    interface Commands {
        void resetMac();

        void resetPhy();

        void negotiate();

        void powerChanged();

        /** There may be something to transmit. */
        void transmitReady();

        /** There may be room for what waits to be received. */
        void receiveReady();
    }

    E1000Registers(RegisterFile registers, Statistics statistics, Eeprom eeprom, Phy phy, Interrupts interrupts,
            DescriptorRing transmitRing, DescriptorRing receiveRing, Commands commands) {
        this.registers = registers;
        this.statistics = statistics;
        this.eeprom = eeprom;
        this.phy = phy;
        this.interrupts = interrupts;
        this.transmitRing = transmitRing;
        this.receiveRing = receiveRing;
        this.commands = commands;
    }

    IoHandler inMemory() {
        return new Memory();
    }

    IoHandler inPorts() {
        return new Ports();
    }

    private final class Memory implements IoHandler {
        @Override
        public RegisterNames registerNames() {
            return RegisterMap.names();
        }

        @Override
        public long read(long offset, int size) {
            int aligned = (int) offset & -Integer.BYTES;
            long value = E1000Registers.this.read(aligned) & 0xFFFFFFFFL;
            if (size == Long.BYTES) {
                return value | (long) E1000Registers.this.read(aligned + Integer.BYTES) << 32;
            }
            return value >>> 8 * ((int) offset & Integer.BYTES - 1);
        }

        @Override
        public void write(long offset, int size, long value) {
            if (size < Integer.BYTES || (offset & Integer.BYTES - 1) != 0) {
                return;
            }
            E1000Registers.this.write((int) offset, (int) value);
            if (size == Long.BYTES) {
                E1000Registers.this.write((int) offset + Integer.BYTES, (int) (value >>> 32));
            }
        }
    }

    /** IOADDR and IODATA (manual section 13.2): there is no flash at the higher addresses. */
    private final class Ports implements IoHandler {
        @Override
        public RegisterNames registerNames() {
            return new RegisterNames(RegisterMap.KIND).with(ADDRESS_PORT, "IOADDR").with(DATA_PORT, "IODATA");
        }

        @Override
        public long read(long offset, int size) {
            int shift = 8 * ((int) offset & Integer.BYTES - 1);
            return switch ((int) offset & -Integer.BYTES) {
                case ADDRESS_PORT -> (selected & 0xFFFFFFFFL) >>> shift;
                case DATA_PORT -> isRegister() ? (E1000Registers.this.read(selected) & 0xFFFFFFFFL) >>> shift : 0;
                default -> 0;
            };
        }

        @Override
        public void write(long offset, int size, long value) {
            if (size != Integer.BYTES) {
                return;
            }
            if (offset == ADDRESS_PORT) {
                selected = (int) value;
            } else if (offset == DATA_PORT && isRegister()) {
                E1000Registers.this.write(selected, (int) value);
            }
        }

        private boolean isRegister() {
            return selected >= 0 && selected < E1000.MEMORY_SIZE && (selected & Integer.BYTES - 1) == 0;
        }
    }

    /** True while a vCPU waits for the device's lock. */
    boolean isWaiting() {
        return waiting.get() != 0;
    }

    private static boolean isIn(int offset, int ring) {
        return offset >= ring && offset < ring + RING_SIZE;
    }

    private int read(int offset) {
        switch (offset) {
            case RegisterMap.ICR_OFFSET:
                return interrupts.readCauses();
            case RegisterMap.ICS_OFFSET:
                return interrupts.causes();
            case RegisterMap.IMS_OFFSET:
                return interrupts.mask();
            case RegisterMap.ITR_OFFSET, RegisterMap.RDTR_OFFSET, RegisterMap.RADV_OFFSET, RegisterMap.TIDV_OFFSET,
                    RegisterMap.TADV_OFFSET:
                return interrupts.readModeration(offset);
            case RDH_OFFSET, RDT_OFFSET:
                return receiveRing.read(offset - RegisterMap.RDBAL_OFFSET);
            case TDH_OFFSET, TDT_OFFSET:
                return transmitRing.read(offset - RegisterMap.TDBAL_OFFSET);
            default:
                waiting.incrementAndGet();
                synchronized (this) {
                    waiting.decrementAndGet();
                    return readLocked(offset);
                }
        }
    }

    private int readLocked(int offset) {
        if (isIn(offset, RegisterMap.RDBAL_OFFSET)) {
            return receiveRing.read(offset - RegisterMap.RDBAL_OFFSET);
        }
        if (isIn(offset, RegisterMap.TDBAL_OFFSET)) {
            return transmitRing.read(offset - RegisterMap.TDBAL_OFFSET);
        }
        if (Statistics.isStatistic(offset)) {
            return statistics.read(offset);
        }
        return switch (offset) {
            case RegisterMap.EECD_OFFSET -> eeprom.readEecd();
            case RegisterMap.EERD_OFFSET -> eeprom.readEerd();
            case RegisterMap.MDIC_OFFSET -> phy.readMdic();
            default -> registers.get(offset);
        };
    }

    private void write(int offset, int value) {
        switch (offset) {
            case RegisterMap.ICR_OFFSET -> interrupts.clear(value);
            case RegisterMap.ICS_OFFSET -> interrupts.raise(value);
            case RegisterMap.IMS_OFFSET -> interrupts.enable(value);
            case RegisterMap.IMC_OFFSET -> interrupts.disable(value);
            case RegisterMap.ITR_OFFSET, RegisterMap.RDTR_OFFSET, RegisterMap.RADV_OFFSET, RegisterMap.TIDV_OFFSET,
                    RegisterMap.TADV_OFFSET -> interrupts.writeModeration(offset, value);
            case RDT_OFFSET -> {
                receiveRing.setTail(value);
                commands.receiveReady();
            }
            case TDT_OFFSET -> {
                transmitRing.setTail(value);
                commands.transmitReady();
            }
            default -> {
                waiting.incrementAndGet();
                synchronized (this) {
                    waiting.decrementAndGet();
                    writeLocked(offset, value);
                }
                if (offset == RegisterMap.TCTL_OFFSET || isIn(offset, RegisterMap.TDBAL_OFFSET)) {
                    commands.transmitReady();
                } else if (offset == RegisterMap.RCTL_OFFSET || isIn(offset, RegisterMap.RDBAL_OFFSET)) {
                    commands.receiveReady();
                }
            }
        }
    }

    private void writeLocked(int offset, int value) {
        if (isIn(offset, RegisterMap.RDBAL_OFFSET)) {
            receiveRing.write(offset - RegisterMap.RDBAL_OFFSET, value);
            return;
        }
        if (isIn(offset, RegisterMap.TDBAL_OFFSET)) {
            transmitRing.write(offset - RegisterMap.TDBAL_OFFSET, value);
            return;
        }
        switch (offset) {
            case RegisterMap.CTRL_OFFSET -> writeControl(value);
            case RegisterMap.EECD_OFFSET -> eeprom.writeEecd(value);
            case RegisterMap.EERD_OFFSET -> eeprom.writeEerd(value);
            case RegisterMap.MDIC_OFFSET -> writeMdic(value);
            default -> registers.write(offset, value);
        }
    }

    private void writeControl(int value) {
        if ((value & RegisterMap.CTRL_RST_BIT) != 0) {
            commands.resetMac();
        } else {
            registers.write(RegisterMap.CTRL_OFFSET, value);
        }
        if ((value & RegisterMap.CTRL_PHY_RST_BIT) != 0) {
            commands.resetPhy();
        }
    }

    private void writeMdic(int value) {
        switch (phy.writeMdic(value)) {
            case RESET, NEGOTIATE -> commands.negotiate();
            case POWER_CHANGE -> commands.powerChanged();
            case NOTHING -> {
            }
        }
        if ((value & Phy.MDIC_INTERRUPT_BIT) != 0) {
            interrupts.raise(RegisterMap.MDAC_BIT);
        }
    }

    void reset() {
        selected = 0;
    }

    void save(StateWriter out) {
        out.putInt("io-address", selected);
    }

    void load(StateReader in) {
        selected = in.getInt("io-address");
    }
}
