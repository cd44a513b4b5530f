package jkvm.bios.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.bios.BiosData;
import jkvm.bios.BiosFixture;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** INT 09h and INT 16h. */
class KeyServicesTest {
    private static final int CONTROL = 0x1D;
    private static final int ALT = 0x38;
    private static final int LEFT_SHIFT = 0x2A;

    private final BiosFixture bios = new BiosFixture(SystemServices::table);

    @BeforeEach
    void fillDataAreas() {
        new DataAreas(new BiosData(bios.ram()), bios.host().platform()).fill();
    }

    private void scan(int... codes) {
        for (int code : codes) {
            bios.call(Vectors.KEYBOARD, call -> call.al(code));
        }
    }

    private int read(int function) {
        return bios.call(Vectors.KEYS, call -> call.ah(function)).ax();
    }

    private boolean hasKey() {
        return (bios.call(Vectors.KEYS, call -> call.ah(0x01)).flags() & Call.ZERO_BIT) == 0;
    }

    @Test
    void shouldGiveKeysInTheOrderInWhichTheyWerePressed() {
        scan(0x1E, 0x9E, LEFT_SHIFT, 0x30, 0xB0, LEFT_SHIFT | 0x80, CONTROL, 0x2E);

        assertEquals(0x1E61, read(0x00));
        assertEquals(0x3042, read(0x00));
        assertEquals(0x2E03, read(0x00));
        assertFalse(hasKey());
    }

    @Test
    void shouldLookAtAKeyAndLeaveIt() {
        scan(0x10);

        assertEquals(0x1071, bios.call(Vectors.KEYS, call -> call.ah(0x11)).ax());
        assertTrue(hasKey());
        assertEquals(0x1071, read(0x10));
    }

    @Test
    void shouldWaitForAKeyByAskingAgain() {
        read(0x00);
        assertEquals(Outcome.AGAIN, bios.outcome());

        KeyBuffer.add(new BiosData(bios.ram()), 0x1C0D);

        assertEquals(0x1C0D, bios.again().ax());
        assertEquals(Outcome.DONE, bios.outcome());
    }

    @Test
    void shouldKeepFifteenKeysAndDropFurtherOnes() {
        for (int i = 0; i < 20; i++) {
            scan(0x10);
        }

        int keys = 0;
        while (hasKey()) {
            read(0x00);
            keys++;
        }
        assertEquals(15, keys);
    }

    @Test
    void shouldTellShiftKeysAndLocks() {
        scan(LEFT_SHIFT, CONTROL, 0xE0, ALT, 0x3A, 0xBA, 0x3A);

        assertEquals(0x0E, bios.call(Vectors.KEYS, call -> call.ah(0x02)).al());
        assertEquals(0x49, bios.call(Vectors.KEYS, call -> call.ah(0x12)).ah(), "Caps Lock held, right Alt, left Ctrl");
        scan(0xE0, ALT | 0x80, CONTROL | 0x80, LEFT_SHIFT | 0x80);
        assertEquals(0, bios.call(Vectors.KEYS, call -> call.ah(0x02)).al());
    }

    @Test
    void shouldTellTheArrowKeysFromTheNumberPad() {
        scan(0xE0, 0x48, 0xE0, 0xC8, 0x48);

        assertEquals(0x48E0, read(0x10));
        assertEquals(0x4800, read(0x10));
        scan(0xE0, 0x48);
        assertEquals(0x4800, read(0x00));
    }

    @Test
    void shouldTypeTheCharacterOfANumberThatIsTypedWithAlt() {
        scan(ALT, 0x4B, 0xCB, 0x4F, 0xCF, ALT | 0x80);

        assertEquals(41, read(0x00));
    }

    @Test
    void shouldIgnoreThePauseKey() {
        scan(0xE1, 0x1D, 0x45, 0xE1, 0x9D, 0xC5);

        assertFalse(hasKey());
        assertEquals(0, bios.call(Vectors.KEYS, call -> call.ah(0x02)).al());
    }

    @Test
    void shouldCallTheProgramsHandlerOfCtrlBreak() {
        bios.ram().writeInt(4 * 0x1B, 0x1234_5678);

        scan(CONTROL, 0xE0, 0x46);

        assertEquals(Outcome.INTERRUPT, bios.outcome());
        assertEquals((byte) 0x80, bios.ram().readByte(BiosData.BREAK));
        bios.again();
        assertEquals(Outcome.DONE, bios.outcome());
        assertEquals(0, read(0x00));
    }

    @Test
    void shouldRestartTheMachineByCtrlAltDel() {
        scan(CONTROL, ALT, 0x53);

        assertEquals(0x0E, bios.ports[0xCF9]);
        assertEquals(BiosData.WARM_START, bios.ram().readShort(BiosData.RESET_FLAG));
    }

    @Test
    void shouldStoreKeysOfPrograms() {
        assertEquals(0, bios.call(Vectors.KEYS, call -> {
            call.ah(0x05);
            call.cx(0xABCD);
        }).al());

        assertEquals(0xABCD, read(0x10));
    }

    @Test
    void shouldReadTheSerialConsole() {
        "xA\r".chars().forEach(letter -> bios.serialInput.add((char) letter));
        assertTrue(hasKey());

        assertEquals(0x2D78, read(0x00));
        assertEquals(0x1E41, read(0x00));
        assertEquals(0x1C0D, read(0x00));
        assertFalse(hasKey());
    }

    @Test
    void shouldTellAnEscapeSequenceFromTheEscapeKey() {
        "\33[A\33[15~\33OP\33".chars().forEach(letter -> bios.serialInput.add((char) letter));

        assertEquals(0x48E0, read(0x10));
        assertEquals(0x3F00, read(0x10));
        assertEquals(0x3B00, read(0x10));
        assertFalse(hasKey());
        bios.ram().writeInt(BiosData.TICKS, 5);
        assertEquals(0x011B, read(0x10));
    }

    @Test
    void shouldTakeBytesThatAreNoSequenceAsKeys() {
        "\33[zx".chars().forEach(letter -> bios.serialInput.add((char) letter));

        assertEquals(0x011B, read(0x10));
        assertEquals(0x1A5B, read(0x10));
        assertEquals(0x2C7A, read(0x10));
        assertEquals(0x2D78, read(0x10));
    }
}
