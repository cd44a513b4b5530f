package jkvm.bios.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import jkvm.bios.BiosData;
import jkvm.bios.BiosFixture;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.ServiceTable;
import jkvm.bios.video.TerminalServices;
import org.junit.jupiter.api.Test;

/** Threat 76: services called with wrapping segments, buffers beyond RAM, absurd counts, and in the midst of others. */
class HostileCallsTest {
    private static final int CALLS = Boolean.getBoolean("jkvm.long") ? 1_000_000 : 20_000;
    private static final int NUMBERS = 0x110;
    private static final int PORTS = 0x10000;
    private static final int VIDEO = 0x10;
    private static final int DATA_AREA = 0x400;
    private static final int DATA_AREA_SIZE = 0x100;
    private static final int[] VECTORS = {Vectors.TIMER, Vectors.KEYBOARD, VIDEO, Vectors.EQUIPMENT,
        Vectors.MEMORY_SIZE, Vectors.SERIAL, Vectors.SYSTEM, Vectors.KEYS, Vectors.PRINTER, Vectors.TIME,
        Vectors.CLOCK, Vectors.MOUSE, ServiceTable.POST};
    private static final int[] SYSTEM_FUNCTIONS = {0x24, 0x4F, 0x83, 0x86, 0x87, 0x88, 0xC0, 0xC1, 0xC2, 0xE8};

    private final BiosFixture bios = new BiosFixture(host ->
            TerminalServices.addTo(SystemServices.table(host), host));

    @Test
    void shouldThrowNothingWhateverRegistersDataAndDevicesSay() {
        long seed = Long.getLong("jkvm.seed", System.nanoTime());
        System.out.println("HostileCallsTest: " + CALLS + " calls, -Djkvm.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < CALLS; i++) {
            disturb(random);
            int number = random.nextInt(8) == 0 ? random.nextInt(2 * NUMBERS)
                    : VECTORS[random.nextInt(VECTORS.length)];
            bios.call(number, call -> registers(call, random));
            for (int again = 0; again < 3 && bios.outcome() != Outcome.DONE; again++) {
                bios.nanos += random.nextInt(1 << 30);
                bios.again();
            }
        }
    }

    /** Another value in the data areas, at a port or from the terminal. */
    private void disturb(Random random) {
        switch (random.nextInt(4)) {
            case 0 -> bios.ram().writeShort(DATA_AREA + random.nextInt(DATA_AREA_SIZE - 1), (short) random.nextInt());
            case 1 -> bios.ram().writeLong(BiosData.EXTENDED + random.nextInt(0x300), random.nextLong());
            case 2 -> bios.ports[random.nextInt(4) == 0 ? random.nextInt(PORTS) : random.nextInt(DATA_AREA)] =
                    (byte) random.nextInt();
            default -> bios.serialInput.add((char) (random.nextInt(3) == 0 ? "\33[O~A;1".charAt(random.nextInt(7))
                    : random.nextInt(256)));
        }
    }

    private static void registers(Call call, Random random) {
        call.eax(random.nextInt());
        call.ebx(few(random));
        call.ecx(few(random));
        call.edx(random.nextInt(8) == 0 ? 0x534D4150 : few(random));
        call.esi(few(random));
        call.edi(few(random));
        call.ds(random.nextInt());
        call.es(random.nextInt());
        call.flags(random.nextInt());
        if (call.number() == Vectors.SYSTEM) {
            call.ah(SYSTEM_FUNCTIONS[random.nextInt(SYSTEM_FUNCTIONS.length)]);
            call.al(random.nextBoolean() ? random.nextInt() : 0x20);
        } else if (random.nextBoolean()) {
            call.ah(random.nextInt(0x14));
        }
    }

    private static int few(Random random) {
        return random.nextBoolean() ? random.nextInt(4) : random.nextInt();
    }

    @Test
    void shouldWrapABufferAtTheEndOfItsSegment() {
        bios.call(Vectors.SYSTEM, call -> {
            call.eax(0xE820);
            call.edx(0x534D4150);
            call.ebx(1);
            call.ecx(20);
            call.es(0x2000);
            call.di(0xFFFC);
        });

        assertEquals(0x9FC00, bios.ram().readInt(0x2FFFC));
        assertEquals(0, bios.ram().readInt(0x20000), "the start's upper half");
        assertEquals(0x400, bios.ram().readInt(0x20004), "the length");
    }

    @Test
    void shouldReadOnesAndWriteNothingBeyondRam() {
        bios.ram().writeInt(0x20000 + 0x12, BiosFixture.MEMORY_SIZE);
        bios.ram().writeInt(0x20000 + 0x1A, 0x30000);

        Call call = bios.call(Vectors.SYSTEM, c -> {
            c.ah(0x87);
            c.es(0x2000);
            c.cx(1);
        });

        assertFalse(call.carry());
        assertEquals((short) -1, bios.ram().readShort(0x30000));
    }

    @Test
    void shouldRefuseAbsurdCounts() {
        assertTrue(bios.call(Vectors.SYSTEM, call -> {
            call.ah(0x87);
            call.cx(0xFFFF);
        }).carry());
    }

    @Test
    void shouldAnswerTicksAndKeysDuringAWait() {
        new DataAreas(new BiosData(bios.ram()), bios.host().platform()).fill();
        bios.call(Vectors.SYSTEM, call -> {
            call.ah(0x86);
            call.cx(1);
        });
        assertEquals(Outcome.AGAIN, bios.outcome());

        bios.call(Vectors.TIMER, call -> { });
        bios.call(Vectors.KEYBOARD, call -> call.al(0x10));
        Call second = bios.call(Vectors.SYSTEM, call -> call.ah(0x86));

        assertTrue(second.carry(), "one wait at a time");
        assertEquals(1, bios.ram().readByte(BiosData.WAIT_FLAG), "the first goes on");
        assertEquals(0x1071, bios.call(Vectors.KEYS, call -> call.ah(0)).ax());
    }
}
