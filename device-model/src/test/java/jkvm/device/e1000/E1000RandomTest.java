package jkvm.device.e1000;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import jkvm.bus.StateRoundTrip;
import jkvm.host.net.Frames;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A guest that does anything: the NIC neither throws nor hangs nor grows, and serves the next driver. */
class E1000RandomTest {
    private static final int INPUTS = 1_500_000;
    private static final int[] REGISTERS = {RegisterMap.CTRL_OFFSET, RegisterMap.EECD_OFFSET, RegisterMap.EERD_OFFSET,
            RegisterMap.MDIC_OFFSET, RegisterMap.ICR_OFFSET, RegisterMap.ICS_OFFSET, RegisterMap.IMS_OFFSET,
            RegisterMap.IMC_OFFSET, RegisterMap.ITR_OFFSET, RegisterMap.RDTR_OFFSET, RegisterMap.RADV_OFFSET,
            RegisterMap.TIDV_OFFSET, RegisterMap.TADV_OFFSET, RegisterMap.RXCSUM_OFFSET, RegisterMap.TXDCTL_OFFSET,
            RegisterMap.VET_OFFSET, RegisterMap.RSRPD_OFFSET, RegisterMap.RAL_OFFSET + 8, RegisterMap.MTA_OFFSET};
    private static final int[] RINGS = {RegisterMap.TDBAL_OFFSET, RegisterMap.RDBAL_OFFSET};

    private final E1000Fixture machine = new E1000Fixture();
    private final Random random = new Random(82540);
    private final byte[] noise = new byte[1 << 16];
    private final byte[][] frames = new byte[32][];

    private void setUp() {
        machine.backend.keeps = false;
        random.nextBytes(noise);
        for (int i = 0; i < frames.length; i++) {
            byte[] address = i % 3 == 0 ? Frames.mac(-1, -1, -1, -1, -1, -1) : E1000Fixture.MAC;
            frames[i] = Frames.to(address, i < 4 ? 14 + i : 1 << 5 + i / 3);
            if (i % 4 == 0) {
                frames[i] = Frames.tagged(frames[i], i);
            } else if (i % 4 == 1) {
                frames[i] = Frames.ipv4(i % 8 == 1 ? 6 : 17, i, true);
            }
        }
    }

    @Test
    @DisplayName("1.5 million random inputs to registers, rings and the wire throw nothing")
    void shouldBearAnyGuest() {
        setUp();
        int size = StateRoundTrip.save(machine.nic).length;
        for (int i = 0; i < INPUTS; i++) {
            step();
        }
        assertTrue(StateRoundTrip.save(machine.nic).length < size + 3 * 65536);
        assertTrue(machine.backend.count > 1000, () -> "sent " + machine.backend.count);
        machine.backend.full = false;
        machine.pci.write(4, 2, 7);
        machine.nic.setCarrier(true);
        machine.writePhy(0, 0x8000);
        machine.advanceMillis(500);
        E1000Driver driver = new E1000Driver(machine).start();
        machine.backend.keeps = true;
        driver.putLegacy(Frames.toNic(77), E1000Driver.EOP);
        driver.ring();
        assertEquals(77, machine.backend.sent.getLast().length);
        assertTrue(machine.backend.offer(Frames.toNic(66)));
        assertNotNull(driver.take());
        StateRoundTrip.copy(machine.nic, new E1000Fixture().nic);
    }

    private void step() {
        switch (random.nextInt(16)) {
            case 0 -> machine.write(REGISTERS[random.nextInt(REGISTERS.length)], value());
            case 1 -> machine.write(random.nextInt(0x2000) * 4 & 0x5FFC, value());
            case 2 -> machine.read(random.nextInt(E1000.MEMORY_SIZE / 4) * 4);
            case 3 -> access();
            case 4 -> ring(RINGS[random.nextInt(2)]);
            case 5, 6 -> machine.write(RegisterMap.TDBAL_OFFSET + RegisterMap.RING_TAIL, random.nextInt(66));
            case 7 -> machine.write(RegisterMap.RDBAL_OFFSET + RegisterMap.RING_TAIL, random.nextInt(66));
            case 8, 9, 10 -> descriptor(E1000Driver.TRANSMIT_RING);
            case 11 -> descriptor(E1000Driver.RECEIVE_RING);
            case 12, 13 -> machine.backend.offer(frames[random.nextInt(frames.length)]);
            case 14 -> control();
            default -> wire();
        }
    }

    private int value() {
        return switch (random.nextInt(3)) {
            case 0 -> random.nextInt(256);
            case 1 -> 1 << random.nextInt(32);
            default -> random.nextInt();
        };
    }

    private void access() {
        long address = E1000Fixture.BAR_0 + random.nextInt(E1000.MEMORY_SIZE);
        int size = 1 << random.nextInt(4);
        machine.pci.memory.dispatchWrite(address, size, random.nextLong() >>> 64 - 8 * size);
        machine.pci.memory.dispatchRead(address, size);
        int port = E1000Fixture.BAR_1 + random.nextInt(64);
        machine.pci.ports.dispatchWrite(port, 1 << random.nextInt(3), value() & 0xFFFFFFFFL);
        machine.pci.ports.dispatchRead(port, 4);
    }

    private void ring(int register) {
        boolean sane = random.nextInt(4) != 0;
        int base = register == RegisterMap.TDBAL_OFFSET ? E1000Driver.TRANSMIT_RING : E1000Driver.RECEIVE_RING;
        machine.write(register, sane ? base : value());
        machine.write(register + RegisterMap.RING_BAH, sane ? 0 : value());
        machine.write(register + RegisterMap.RING_LEN, sane ? 1024 : value());
        machine.write(register + RegisterMap.RING_HEAD, sane ? random.nextInt(64) : value());
    }

    private void control() {
        boolean sane = random.nextInt(4) != 0;
        machine.write(RegisterMap.TCTL_OFFSET, sane ? random.nextInt(16) | RegisterMap.TCTL_EN_BIT : value());
        machine.write(RegisterMap.RCTL_OFFSET,
                sane ? random.nextInt() & 0x06FFFF3F | RegisterMap.RCTL_EN_BIT : value());
    }

    private void wire() {
        machine.backend.full = random.nextInt(4) == 0;
        machine.backend.device().sendReady();
        if (random.nextInt(8) == 0) {
            machine.pci.write(4, 2, random.nextInt(4) == 0 ? 3 : 7);
        }
        if (random.nextInt(64) == 0) {
            machine.nic.setCarrier(random.nextInt(4) != 0);
        }
        machine.advanceNanos(random.nextInt(100_000_000));
    }

    /** Mostly of a sensible kind: a descriptor of noise alone is refused at the first check. */
    private void descriptor(int ring) {
        long address = ring + 16L * random.nextInt(64);
        long low = random.nextInt(8) == 0 ? random.nextLong()
                : E1000Driver.TRANSMIT_BUFFERS + random.nextInt(E1000Fixture.MEMORY_SIZE);
        long high = switch (random.nextInt(4)) {
            case 0 -> random.nextLong();
            case 1 -> random.nextInt(2000) | (long) random.nextInt(256) << 24 | (long) random.nextInt(64) << 40;
            case 2 -> random.nextInt(20000) | 1L << 20 | (long) (random.nextInt(256) | E1000Driver.DEXT) << 24
                    | (long) random.nextInt(4) << 40;
            default -> {
                low = 14 | 24L << 8 | 34L << 32 | (long) (random.nextInt(4) == 0 ? random.nextInt(256) : 50) << 40;
                yield (long) (random.nextInt(16) & 15 | E1000Driver.DEXT) << 24
                        | (long) (random.nextInt(4) == 0 ? random.nextInt(256) : 54) << 40
                        | (long) random.nextInt(random.nextInt(8) == 0 ? 50 : 3000) << 48;
            }
        };
        if (ring == E1000Driver.RECEIVE_RING && random.nextInt(8) == 0) {
            low = 0;
        }
        machine.memory.writeLong(address, low);
        machine.memory.writeLong(address + 8, high);
        if (random.nextInt(16) == 0) {
            machine.memory.write(E1000Driver.TRANSMIT_BUFFERS, noise, 0, 1 + random.nextInt(noise.length - 1));
        }
    }
}
