package jkvm.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import jkvm.bus.StateRoundTrip;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FwCfgTest {
    private final FwCfg fwCfg = new FwCfg("fwcfg");

    private void select(int key) {
        fwCfg.write(0, 2, key);
    }

    private int next() {
        return (int) fwCfg.read(1, 1) & 0xff;
    }

    private String text(int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append((char) next());
        }
        return text.toString();
    }

    private long number(int size) {
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= (long) next() << 8 * i;
        }
        return value;
    }

    @Test
    void shouldShowItsSignatureAndNoDma() {
        assertEquals("QEMU", text(4));
        select(FwCfg.ID_KEY);
        assertEquals(1, number(4));
    }

    @Test
    void shouldGiveNumbersLittleEndian() {
        fwCfg.putLong(FwCfg.RAM_SIZE_KEY, 0x1_2345_6789L);
        fwCfg.putShort(FwCfg.CPU_COUNT_KEY, 0x0102);
        fwCfg.putInt(FwCfg.KERNEL_SIZE_KEY, 0x01020304);
        select(FwCfg.RAM_SIZE_KEY);
        assertEquals(0x1_2345_6789L, number(8));
        select(FwCfg.CPU_COUNT_KEY);
        assertEquals(0x0102, number(2));
        select(FwCfg.KERNEL_SIZE_KEY);
        assertEquals(0x01020304, number(4));
    }

    @Test
    void shouldStartAnItemAnewWhenItIsSelectedAgain() {
        select(FwCfg.SIGNATURE_KEY);
        assertEquals("QE", text(2));
        select(FwCfg.SIGNATURE_KEY);
        assertEquals("QEMU", text(4));
    }

    @Test
    @DisplayName("threat 11: reading past an item's end gives zeroes")
    void shouldReadZeroPastTheEnd() {
        select(FwCfg.SIGNATURE_KEY);
        text(4);
        for (int i = 0; i < 100_000; i++) {
            assertEquals(0, next());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x02, 0x1a, 0xff, 0x100, 0x3fff, 0x4000 | 0x1234, 0x8000, 0x80ff, 0xffff})
    @DisplayName("threat 11: a selector without an item gives zeroes")
    void shouldReadZeroFromABadSelector(int key) {
        select(key);
        assertEquals(0, number(8));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("threat 11: a wide read of the data port gives all ones and moves nothing")
    void shouldRefuseWideReads(int size) {
        assertEquals(-1, fwCfg.read(0, size));
        assertEquals("QEMU", text(4));
    }

    @Test
    @DisplayName("threat 11: writes to the data port change no item")
    void shouldIgnoreDataWrites() {
        fwCfg.write(1, 1, 'X');
        fwCfg.write(0, 1, 3);
        select(0);
        assertEquals("QEMU", text(4));
    }

    @Test
    void shouldTellArchitectureKeysFromCommonOnes() {
        fwCfg.putBytes(0x8003, new byte[] {7});
        select(0x8003);
        assertEquals(7, next());
        select(0x0003);
        assertEquals(0, next());
    }

    @Test
    void shouldListNoFilesAtFirst() {
        select(FwCfg.FILE_DIRECTORY_KEY);
        assertEquals(0, number(4));
    }

    @Test
    void shouldListFilesBigEndianWithNameAndKey() {
        fwCfg.putFile("opt/a", "first".getBytes(StandardCharsets.US_ASCII));
        fwCfg.putFile("etc/b", "2".getBytes(StandardCharsets.US_ASCII));
        select(FwCfg.FILE_DIRECTORY_KEY);
        assertEquals("\0\0\0\2", text(4));
        assertEquals("\0\0\0\5" + "\0\u0020" + "\0\0" + "opt/a" + "\0".repeat(51), text(64));
        assertEquals("\0\0\0\1" + "\0\u0021" + "\0\0" + "etc/b" + "\0".repeat(51), text(64));
        select(0x20);
        assertEquals("first", text(5));
    }

    @Test
    void shouldRefuseFilesThatDoNotFit() {
        String longName = "x".repeat(56);
        assertThrows(IllegalArgumentException.class, () -> fwCfg.putFile(longName, new byte[0]));
        assertThrows(IllegalArgumentException.class, () -> fwCfg.putBytes(0x100, new byte[0]));
    }

    @Test
    void shouldCarryOnReadingInAnotherMachine() {
        select(FwCfg.SIGNATURE_KEY);
        text(1);
        FwCfg other = new FwCfg("fwcfg");
        StateRoundTrip.copy(fwCfg, other);
        assertEquals('E', other.read(1, 1));
        other.reset();
        assertEquals('Q', other.read(1, 1));
    }
}
