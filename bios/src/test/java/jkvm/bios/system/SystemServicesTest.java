package jkvm.bios.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.Consumer;
import jkvm.bios.BiosData;
import jkvm.bios.BiosFixture;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** INT 08h, 11h, 12h, 14h, 15h, 17h, 1Ah. */
class SystemServicesTest {
    private static final int SMAP = 0x534D4150;
    private static final int BUFFER_SEGMENT = 0x2000;
    private static final long BUFFER = 0x20000;

    private final BiosFixture bios = new BiosFixture(SystemServices::table);
    private final BiosData data = new BiosData(bios.ram());

    @BeforeEach
    void fillDataAreas() {
        new DataAreas(data, bios.host().platform()).fill();
    }

    private Call system(int function, Consumer<Call> registers) {
        return bios.call(Vectors.SYSTEM, call -> {
            call.ax(function);
            registers.accept(call);
        });
    }

    private Call memoryMap(int index, int size) {
        return system(0xE820, call -> {
            call.edx(SMAP);
            call.ebx(index);
            call.ecx(size);
            call.es(BUFFER_SEGMENT);
        });
    }

    @Test
    void shouldGiveTheMemoryMapEntryByEntryWithTwentyBytesEach() {
        Call call = memoryMap(0, 24);

        assertFalse(call.carry());
        assertEquals(SMAP, call.eax());
        assertEquals(20, call.ecx());
        assertEquals(0, bios.ram().readLong(BUFFER));
        assertEquals(0x9FC00, bios.ram().readLong(BUFFER + 8));
        assertEquals(1, bios.ram().readInt(BUFFER + 16));
        int entries = 1;
        for (int next = call.ebx(); next != 0; next = call.ebx()) {
            call = memoryMap(next, 20);
            entries++;
        }
        assertEquals(5, entries);
    }

    @Test
    void shouldRefuseAMemoryMapOfWrongArguments() {
        assertTrue(memoryMap(0, 19).carry());
        assertTrue(memoryMap(5, 20).carry());
        assertTrue(memoryMap(-1, 20).carry());
        assertTrue(system(0xE820, call -> call.ecx(20)).carry());
        assertEquals(0x86, system(0xE8FF, call -> { }).ah());
    }

    @Test
    void shouldTellMemorySizes() {
        assertEquals(639, bios.call(Vectors.MEMORY_SIZE, call -> { }).ax());
        assertEquals(3 << 10, system(0x8800, call -> { }).ax());
        Call pair = system(0xE801, call -> { });
        assertEquals(3 << 10, pair.ax());
        assertEquals(3 << 10, pair.cx());
        assertEquals(0, pair.bx());
    }

    @Test
    void shouldCopyBlocksBeyondOneMebibyte() {
        bios.ram().writeLong(0x200000, 0x1122334455667788L);
        bios.ram().writeInt(BUFFER + 0x12, 0x200000);
        bios.ram().writeInt(BUFFER + 0x1A, 0x30000);

        Call call = system(0x8700, c -> {
            c.es(BUFFER_SEGMENT);
            c.cx(4);
        });

        assertFalse(call.carry());
        assertEquals(0x1122334455667788L, bios.ram().readLong(0x30000));
        assertTrue(system(0x8700, c -> c.cx(0x8001)).carry());
    }

    @Test
    void shouldWaitUntilTheMomentAndNotRestartWhenAskedAgain() {
        bios.nanos = 1_000;
        system(0x8600, call -> call.dx(2000));
        assertEquals(Outcome.AGAIN, bios.outcome());
        assertEquals(2_001_000, bios.alarm);
        bios.nanos = 2_000_999;
        bios.again();
        assertEquals(Outcome.AGAIN, bios.outcome());

        bios.nanos = 2_001_000;

        assertFalse(bios.again().carry());
        assertEquals(Outcome.DONE, bios.outcome());
        assertEquals(0, data.readByte(BiosData.WAIT_FLAG));
    }

    @Test
    void shouldRefuseASecondWaitDuringTheFirst() {
        system(0x8600, call -> call.dx(2000));

        Call second = system(0x8600, call -> call.dx(1));

        assertEquals(Outcome.DONE, bios.outcome());
        assertTrue(second.carry());
        assertEquals(0x83, second.ah());
    }

    @Test
    void shouldSetAProgramsFlagAtTheFirstTickAfterTheMoment() {
        system(0x8300, call -> {
            call.es(BUFFER_SEGMENT);
            call.bx(7);
            call.dx(1000);
        });
        bios.call(Vectors.TIMER, call -> { });
        assertEquals(0, bios.ram().readByte(BUFFER + 7));

        bios.nanos = 1_000_000;
        bios.call(Vectors.TIMER, call -> { });

        assertEquals((byte) 0x80, bios.ram().readByte(BUFFER + 7));
        assertFalse(system(0x8600, call -> call.dx(0)).carry(), "the next wait");
    }

    @Test
    void shouldCountTicksAndTellMidnightOnce() {
        data.writeInt(BiosData.TICKS, TickServices.TICKS_OF_A_DAY - 1);

        bios.call(Vectors.TIMER, call -> { });

        Call time = bios.call(Vectors.TIME, call -> call.ah(0));
        assertEquals(1, time.al());
        assertEquals(0, time.dx());
        assertEquals(0, bios.call(Vectors.TIME, call -> call.ah(0)).al());
    }

    @Test
    void shouldSwitchFloppyMotorsOffWhenTheirTimeIsOver() {
        data.writeByte(BiosData.FLOPPY_MOTOR_TICKS, 2);
        data.writeByte(BiosData.FLOPPY_MOTORS, 0x81);

        bios.call(Vectors.TIMER, call -> { });
        assertEquals(0x81, data.readByte(BiosData.FLOPPY_MOTORS));
        bios.call(Vectors.TIMER, call -> { });

        assertEquals(0x80, data.readByte(BiosData.FLOPPY_MOTORS));
        assertEquals(0x0C, bios.ports[0x3F2]);
    }

    @Test
    void shouldAnswerSystemFunctionsAsAnAt() {
        assertEquals(0x0206, bios.call(Vectors.EQUIPMENT, call -> { }).ax());
        Call table = system(0xC000, call -> { });
        assertEquals(0xF000, table.es());
        assertEquals(0xE6F5, table.bx());
        assertEquals(0x9FC0, system(0xC100, call -> { }).es());
        assertTrue(system(0x4F1E, call -> { }).carry());
        assertEquals(0x86, system(0x5300, call -> { }).ah(), "no APM");
        assertFalse(system(0x9000, call -> { }).carry());
    }

    @Test
    void shouldSwitchTheGateOfA20InPort92() {
        system(0x2401, call -> { });
        assertEquals(2, bios.ports[0x92]);
        assertEquals(1, system(0x2402, call -> { }).al());
        assertEquals(3, system(0x2403, call -> { }).bx());
        system(0x2400, call -> { });
        assertEquals(0, system(0x2402, call -> { }).al());
        assertTrue(system(0x2409, call -> { }).carry());
    }

    @Test
    void shouldGiveUpASerialPortAfterItsTimeOut() {
        bios.call(Vectors.SERIAL, call -> call.ah(2));
        assertEquals(Outcome.AGAIN, bios.outcome());
        data.writeInt(BiosData.TICKS, 11);

        Call call = bios.again();

        assertEquals(Outcome.DONE, bios.outcome());
        assertEquals(0x80, call.ah() & 0x80);
        bios.serialInput.add('q');
        assertEquals('q', bios.call(Vectors.SERIAL, c -> c.ah(2)).al());
        assertEquals(0x80, bios.call(Vectors.SERIAL, c -> c.dx(1)).ah(), "no such port");
    }

    @Test
    void shouldSayThatThereIsNoPrinter() {
        assertEquals(1, bios.call(Vectors.PRINTER, call -> { }).ah());
    }

    @Test
    void shouldRefuseAnAlarmWhileOneIsSet() {
        bios.ports[0x71] = 0x22;

        assertTrue(bios.call(Vectors.TIME, call -> call.ah(6)).carry());
        assertTrue(bios.call(Vectors.TIME, call -> call.ah(0x80)).carry(), "an unknown function");
    }
}
