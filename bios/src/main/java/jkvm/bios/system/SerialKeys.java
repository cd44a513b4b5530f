package jkvm.bios.system;

import jkvm.bios.BiosData;
import jkvm.bios.BiosHost;
import jkvm.bios.Ports;

/**
 * Keys from the first serial port, for a machine whose console it is. A terminal sends a character, or for other keys
 * Escape and more; what has come of such a sequence lies in the private area.
 */
final class SerialKeys {
    private static final int STATUS_OFFSET = 5;
    private static final int DATA_READY_BIT = 1;
    private static final int ESCAPE = 0x1B;
    /** In the private area: how many bytes of a sequence have come, the tick of the last one, the bytes. */
    private static final int COUNT = BiosData.PRIVATE;
    private static final int LAST_TICK = BiosData.PRIVATE + 4;
    private static final int BYTES = BiosData.PRIVATE + 8;
    private static final int MAX_BYTES = 8;
    /** After so many ticks without a byte an Escape stands alone. */
    private static final int PATIENCE_TICKS = 2;
    /** Of a look at the port. */
    private static final int MAX_FETCHED = 64;

    private static final String CSI_LETTERS = "ABCDHF";
    private static final int[] CSI_KEYS = {0x48E0, 0x50E0, 0x4DE0, 0x4BE0, 0x47E0, 0x4FE0};
    /** ESC O P to S: F1 to F4. */
    private static final String SS3_LETTERS = "PQRS";
    private static final int F1 = 0x3B00;
    private static final int ONE_SCAN_CODE = 0x100;
    private static final int[] TILDE_NUMBERS = {1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24};
    private static final int[] TILDE_KEYS = {0x47E0, 0x52E0, 0x53E0, 0x4FE0, 0x49E0, 0x51E0, 0x47E0, 0x4FE0,
        0x3B00, 0x3C00, 0x3D00, 0x3E00, 0x3F00, 0x4000, 0x4100, 0x4200, 0x4300, 0x4400, 0x8500, 0x8600};

    private final Ports ports;
    private final boolean isConsole;

    SerialKeys(BiosHost host) {
        ports = host.ports();
        isConsole = host.serialConsole();
    }

    /** Moves what has come into the buffer, as long as there is room. */
    void fetch(BiosData data) {
        int port = data.readWord(BiosData.COM_PORTS);
        if (!isConsole || port == 0) {
            return;
        }
        for (int i = 0; i < MAX_FETCHED && !KeyBuffer.isFull(data); i++) {
            int status = ports.in(port + STATUS_OFFSET);
            if ((status & DATA_READY_BIT) == 0 || status == 0xFF) {
                break;
            }
            take(data, ports.in(port));
        }
        int count = data.readInt(COUNT);
        if (count != 0 && data.readInt(BiosData.TICKS) - data.readInt(LAST_TICK) >= PATIENCE_TICKS) {
            flush(data, count);
        }
    }

    private void take(BiosData data, int character) {
        int count = Math.clamp(data.readInt(COUNT), 0, MAX_BYTES);
        if (count == 0 && character != ESCAPE) {
            KeyBuffer.add(data, KeyTable.ofCharacter(character));
            return;
        }
        if (count == MAX_BYTES || count == 1 && character != '[' && character != 'O') {
            flush(data, count);
            take(data, character);
            return;
        }
        data.writeByte(BYTES + count, character);
        data.writeInt(COUNT, count + 1);
        data.writeInt(LAST_TICK, data.readInt(BiosData.TICKS));
        if (count >= 2 && (character >= '@' && character <= '~')) {
            int key = sequence(data, count + 1);
            if (key == KeyTable.NONE) {
                flush(data, count + 1);
            } else {
                data.writeInt(COUNT, 0);
                KeyBuffer.add(data, key);
            }
        }
    }

    /** The bytes are no sequence, but keys of their own. */
    private static void flush(BiosData data, int count) {
        data.writeInt(COUNT, 0);
        for (int i = 0; i < Math.min(count, MAX_BYTES); i++) {
            KeyBuffer.add(data, KeyTable.ofCharacter(data.readByte(BYTES + i)));
        }
    }

    private static int sequence(BiosData data, int count) {
        char last = (char) data.readByte(BYTES + count - 1);
        if (data.readByte(BYTES + 1) == 'O') {
            int index = SS3_LETTERS.indexOf(last);
            return index < 0 ? letter(last) : F1 + index * ONE_SCAN_CODE;
        }
        if (last != '~') {
            return letter(last);
        }
        int number = 0;
        for (int i = 2; i < count - 1; i++) {
            int digit = data.readByte(BYTES + i) - '0';
            if (digit < 0 || digit > 9) {
                return KeyTable.NONE;
            }
            number = number * 10 + digit;
        }
        for (int i = 0; i < TILDE_NUMBERS.length; i++) {
            if (TILDE_NUMBERS[i] == number) {
                return TILDE_KEYS[i];
            }
        }
        return KeyTable.NONE;
    }

    private static int letter(char letter) {
        int index = CSI_LETTERS.indexOf(letter);
        return index < 0 ? KeyTable.NONE : CSI_KEYS[index];
    }
}
