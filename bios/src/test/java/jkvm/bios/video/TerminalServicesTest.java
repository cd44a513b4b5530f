package jkvm.bios.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import jkvm.bios.BiosCaller;
import jkvm.bios.BiosCaller.Register;
import jkvm.bios.BiosData;
import jkvm.bios.BiosHost;
import jkvm.bios.Ports;
import jkvm.bios.ServiceTable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** INT 10h of a machine without a display, by what comes out of its serial port. */
class TerminalServicesTest {
    private static final int VIDEO = 0x10;
    private static final int COM1 = 0x3F8;
    private static final String ESCAPE = "\u001B[";

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final BiosCaller caller = new BiosCaller();

    @BeforeEach
    void makeServices() {
        Ports ports = new SerialOutput(output);
        caller.use(TerminalServices.addTo(ServiceTable.EMPTY,
                new BiosHost(caller.ram(), caller.memory(), ports, null, null, null, true)), caller.memory());
        caller.ram().writeShort(BiosData.COM_PORTS, (short) COM1);
    }

    @Test
    void shouldWriteTheTextOfATeletypeWithoutSequences() {
        teletype("Hello,\r\nworld\r\n");

        assertEquals("Hello,\r\nworld\r\n", takeOutput());
        assertEquals(0x0200, cursor(), "row 2, column 0");
    }

    @Test
    void shouldBeginANewRowAfterTheLastColumn() {
        teletype("x".repeat(80) + "y");

        assertEquals("x".repeat(80) + "\r\ny", takeOutput());
        assertEquals(0x0101, cursor());
    }

    @Test
    void shouldStayOnTheLastRowAndLetTheTerminalScroll() {
        teletype("\n".repeat(30) + "z");

        assertEquals(0x1801, cursor());
        assertEquals("\n".repeat(30) + "z", takeOutput());
    }

    @Test
    void shouldMoveTheTerminalsCursorOnlyBeforeText() {
        caller.set(Register.EDX, 0x0A14).call(VIDEO, 0x0200);
        caller.set(Register.EDX, 0x0B15).call(VIDEO, 0x0200);
        assertEquals("", takeOutput());

        teletype("A");

        assertEquals(ESCAPE + "12;22HA", takeOutput());
    }

    @Test
    void shouldGiveColoursAndLineDrawingAsTerminalsKnowThem() {
        caller.set(Register.EBX, 0x001E).set(Register.ECX, 2).call(VIDEO, 0x09CD);

        assertEquals(ESCAPE + "1;1H" + ESCAPE + "93;44m══", takeOutput(), "yellow on blue");
        assertEquals(0, cursor(), "function 09h leaves the cursor");
    }

    @Test
    void shouldClearTheScreenWhenAModeIsSet() {
        caller.call(VIDEO, 0x0003);

        assertEquals(ESCAPE + "2J" + ESCAPE + "1;1H", takeOutput());
        caller.call(VIDEO, 0x0F00);
        assertEquals(0x5003, caller.get(Register.EAX), "80 columns, mode 3");
    }

    @Test
    void shouldWriteStringsFromTheCallersMemory() {
        caller.ram().write(0x8000, "ab\r\n".getBytes(StandardCharsets.US_ASCII));

        caller.es(0x800).set(Register.EBP, 0).set(Register.ECX, 4).set(Register.EDX, 0xFF00)
                .set(Register.EBX, 0x0007).call(VIDEO, 0x1301);

        assertEquals("ab\r\n", takeOutput());
        assertEquals(0x0100, cursor());
    }

    @Test
    void shouldSurviveCallsOfAnyKind() {
        // THREATS 76: absurd registers, strings that wrap, cursors beyond the screen.
        Random random = new Random(76);
        for (int i = 0; i < 20_000; i++) {
            for (Register register : Register.values()) {
                caller.set(register, random.nextInt());
            }
            caller.set(Register.ECX, random.nextInt(16) == 0 ? 0xFFFF : random.nextInt(40)).es(random.nextInt(0x10000));
            caller.call(VIDEO, random.nextInt(0x16) << 8 | random.nextInt(256));
            assertTrue(cursor() >> 8 < 25 && (cursor() & 0xFF) < 80, "cursor " + Integer.toHexString(cursor()));
            output.reset();
        }
    }

    private void teletype(String text) {
        for (char letter : text.toCharArray()) {
            caller.call(VIDEO, 0x0E00 | letter);
        }
    }

    private int cursor() {
        return caller.ram().readShort(0x450) & 0xFFFF;
    }

    private String takeOutput() {
        String text = output.toString(StandardCharsets.UTF_8);
        output.reset();
        return text;
    }

    /** One serial port whose output is kept. */
    private record SerialOutput(ByteArrayOutputStream output) implements Ports {
        @Override
        public int in(int port) {
            return 0xFF;
        }

        @Override
        public void out(int port, int value) {
            if (port == COM1) {
                output.write(value);
            }
        }

        @Override
        public int inWord(int port) {
            return 0xFFFF;
        }

        @Override
        public void outWord(int port, int value) {
            // No port of 16 bits.
        }

        @Override
        public int inInt(int port) {
            return -1;
        }

        @Override
        public void outInt(int port, int value) {
            // No port of 32 bits.
        }
    }
}
