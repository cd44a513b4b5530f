package jkvm.device.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import jkvm.bus.StateRoundTrip;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.memory.WriteWatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FwCfgTest {
    private static final int MEMORY_SIZE = 1 << 16;
    private static final long STRUCTURE = 0x1000;
    private static final long TARGET = 0x2000;
    private static final int NOTHING_DONE = 0x77;

    private final GuestMemory memory = new GuestMemory(List.of(new MemoryRegion(0,
            Arena.ofAuto().allocate(MEMORY_SIZE, 8))));
    private final FwCfg fwCfg = new FwCfg("fwcfg", memory);

    private final WriteWatch watch = new WriteWatch(memory);

    @AfterEach
    void shouldHaveToldItsWrites() {
        watch.check();
    }

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
    void shouldShowItsSignatureAndDma() {
        assertEquals("QEMU", text(4));
        select(FwCfg.ID_KEY);
        assertEquals(3, number(4));
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
    @DisplayName("reading past an item's end gives zeroes")
    void shouldReadZeroPastTheEnd() {
        select(FwCfg.SIGNATURE_KEY);
        text(4);
        for (int i = 0; i < 100_000; i++) {
            assertEquals(0, next());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x02, 0x1a, 0xff, 0x100, 0x3fff, 0x4000 | 0x1234, 0x8000, 0x80ff, 0xffff})
    @DisplayName("a selector without an item gives zeroes")
    void shouldReadZeroFromABadSelector(int key) {
        select(key);
        assertEquals(0, number(8));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("a wide read of the data port gives all ones and moves nothing")
    void shouldRefuseWideReads(int size) {
        assertEquals(-1, fwCfg.read(0, size));
        assertEquals("QEMU", text(4));
    }

    @Test
    @DisplayName("writes to the data port change no item")
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
    void shouldListFilesByNameBigEndianWithSizeAndKey() {
        fwCfg.putFile("opt/a", "first".getBytes(StandardCharsets.US_ASCII));
        fwCfg.putFile("etc/b", "2".getBytes(StandardCharsets.US_ASCII));
        select(FwCfg.FILE_DIRECTORY_KEY);
        assertEquals("\0\0\0\2", text(4));
        assertEquals("\0\0\0\1" + "\0\u0020" + "\0\0" + "etc/b" + "\0".repeat(51), text(64));
        assertEquals("\0\0\0\5" + "\0\u0021" + "\0\0" + "opt/a" + "\0".repeat(51), text(64));
        select(0x21);
        assertEquals("first", text(5));
    }

    @Test
    void shouldRefuseFilesThatDoNotFit() {
        String longName = "x".repeat(56);
        assertThrows(IllegalArgumentException.class, () -> fwCfg.putFile(longName, new byte[0]));
        assertThrows(IllegalArgumentException.class, () -> fwCfg.putBytes(0x100, new byte[0]));
        fwCfg.putFile("opt/a", new byte[0]);
        assertThrows(IllegalArgumentException.class, () -> fwCfg.putFile("opt/a", new byte[0]));
        for (int i = 1; i < 0xe0; i++) {
            fwCfg.putFile("opt/" + i, new byte[0]);
        }
        assertThrows(IllegalArgumentException.class, () -> fwCfg.putFile("opt/b", new byte[0]));
    }

    @Test
    void shouldCarryOnReadingInAnotherMachine() {
        select(FwCfg.SIGNATURE_KEY);
        text(1);
        FwCfg other = new FwCfg("fwcfg", memory);
        StateRoundTrip.copy(fwCfg, other);
        assertEquals('E', other.read(1, 1));
        other.reset();
        assertEquals('Q', other.read(1, 1));
    }

    /**
     * Runs a control structure.
     *
     * @return its control field afterwards, big-endian as it is
     */
    private int dma(int control, int length, long address) {
        memory.writeInt(STRUCTURE, Integer.reverseBytes(control));
        memory.writeInt(STRUCTURE + 4, Integer.reverseBytes(length));
        memory.writeLong(STRUCTURE + 8, Long.reverseBytes(address));
        start(STRUCTURE);
        return Integer.reverseBytes(memory.readInt(STRUCTURE));
    }

    private void start(long structure) {
        fwCfg.dma().write(0, 4, Integer.toUnsignedLong(Integer.reverseBytes((int) (structure >>> 32))));
        fwCfg.dma().write(4, 4, Integer.toUnsignedLong(Integer.reverseBytes((int) structure)));
    }

    private static int selectAnd(int bits, int key) {
        return key << 16 | FwCfg.DMA_SELECT_BIT | bits;
    }

    private String target(int count) {
        byte[] bytes = new byte[count];
        memory.read(TARGET, bytes, 0, count);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Test
    void shouldShowTheDmaSignature() {
        assertEquals("QEMU", ascii(fwCfg.dma().read(0, 4)));
        assertEquals(" CFG", ascii(fwCfg.dma().read(4, 4)));
        assertEquals('C', fwCfg.dma().read(5, 1) & 0xff);
    }

    private static String ascii(long value) {
        byte[] bytes = new byte[4];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt((int) value);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    @Test
    void shouldCopyAnItemInPieces() {
        fwCfg.putBytes(FwCfg.KERNEL_DATA_KEY, "abcdef".getBytes(StandardCharsets.US_ASCII));
        assertEquals(0, dma(selectAnd(FwCfg.DMA_READ_BIT, FwCfg.KERNEL_DATA_KEY), 2, TARGET));
        assertEquals("ab", target(2));
        assertEquals(0, dma(FwCfg.DMA_SKIP_BIT, 1, 0));
        assertEquals(0, dma(FwCfg.DMA_READ_BIT, 2, TARGET));
        assertEquals("de", target(2));
        assertEquals('f', next(), "the data port goes on where DMA ended");
    }

    @Test
    void shouldFillWithZeroesFromTheEndOn() {
        memory.fill(TARGET, 9, (byte) NOTHING_DONE);
        assertEquals(0, dma(selectAnd(FwCfg.DMA_READ_BIT, FwCfg.SIGNATURE_KEY), 8, TARGET));
        assertEquals("QEMU\0\0\0\0" + (char) NOTHING_DONE, target(9));
        assertEquals(0, dma(selectAnd(FwCfg.DMA_READ_BIT, 0x1234), 8, TARGET));
        assertEquals("\0".repeat(8), target(8));
        assertEquals(0, dma(selectAnd(FwCfg.DMA_SKIP_BIT, FwCfg.SIGNATURE_KEY), -1, 0));
        assertEquals(0, next());
    }

    @Test
    void shouldRefuseToWriteItems() {
        assertEquals(FwCfg.DMA_ERROR_BIT, dma(selectAnd(FwCfg.DMA_WRITE_BIT, FwCfg.SIGNATURE_KEY), 4, TARGET));
        select(FwCfg.SIGNATURE_KEY);
        assertEquals("QEMU", text(4));
    }

    @Test
    void shouldLetTheGuestWriteAFileThatIsMeantForIt() {
        byte[] content = new byte[8];
        int[] writes = {0};
        fwCfg.putWritableFile("etc/w", content, () -> writes[0]++);
        fwCfg.putFile("etc/a", new byte[4]);
        memory.writeInt(TARGET, 0x64636261);
        int key = FwCfg.FIRST_FILE_KEY + 1;

        assertEquals(0, dma(selectAnd(FwCfg.DMA_WRITE_BIT, key), 2, TARGET));
        assertEquals(0, dma(FwCfg.DMA_SKIP_BIT, 2, 0));
        assertEquals(0, dma(FwCfg.DMA_WRITE_BIT, 4, TARGET));

        assertEquals("ab\0\0abcd", new String(content, StandardCharsets.US_ASCII));
        assertEquals(2, writes[0]);
        assertEquals(FwCfg.DMA_ERROR_BIT, dma(FwCfg.DMA_WRITE_BIT, 1, TARGET), "at its end");
        assertEquals(FwCfg.DMA_ERROR_BIT, dma(selectAnd(FwCfg.DMA_WRITE_BIT, key), 9, TARGET), "past its end");
        assertEquals(FwCfg.DMA_ERROR_BIT, dma(selectAnd(FwCfg.DMA_WRITE_BIT, key), 8, MEMORY_SIZE - 7), "no RAM");
        assertEquals(FwCfg.DMA_ERROR_BIT, dma(selectAnd(FwCfg.DMA_WRITE_BIT, key - 1), 4, TARGET), "another file");
        assertEquals(FwCfg.DMA_ERROR_BIT, dma(selectAnd(FwCfg.DMA_WRITE_BIT, 0xFFFF), 4, TARGET), "no file");
        assertEquals(2, writes[0]);
    }

    @ParameterizedTest
    @ValueSource(longs = {MEMORY_SIZE - 3, MEMORY_SIZE, 0xfffc0000L, 1L << 32, Long.MAX_VALUE - 2,
        Long.MIN_VALUE, -1, -4})
    @DisplayName("DMA to where no RAM is sets the error bit and writes nothing")
    void shouldSetTheErrorBitForATargetOutsideOfMemory(long address) {
        assertEquals(FwCfg.DMA_ERROR_BIT, dma(selectAnd(FwCfg.DMA_READ_BIT, FwCfg.SIGNATURE_KEY), 4, address));
        assertEquals(0, memory.readInt(MEMORY_SIZE - 4));
    }

    @Test
    @DisplayName("DMA of 4 GiB into little memory sets the error bit")
    void shouldSetTheErrorBitForALengthBeyondMemory() {
        assertEquals(FwCfg.DMA_ERROR_BIT, dma(selectAnd(FwCfg.DMA_READ_BIT, FwCfg.SIGNATURE_KEY), -1, TARGET));
        assertEquals(0, memory.readInt(TARGET));
    }

    @ParameterizedTest
    @ValueSource(longs = {MEMORY_SIZE - 15, MEMORY_SIZE, 0xfffffff0L, 1L << 32, Long.MAX_VALUE,
        Long.MIN_VALUE, -1, -16})
    @DisplayName("a control structure outside of RAM does nothing")
    void shouldIgnoreAControlStructureOutsideOfMemory(long structure) {
        memory.fill(0, MEMORY_SIZE, (byte) NOTHING_DONE);
        start(structure);
        for (long address = 0; address < MEMORY_SIZE; address++) {
            assertEquals(NOTHING_DONE, memory.readByte(address));
        }
    }

    @Test
    void shouldCopyOverItsOwnControlStructure() {
        fwCfg.putBytes(FwCfg.KERNEL_DATA_KEY, "x".repeat(16).getBytes(StandardCharsets.US_ASCII));
        assertEquals(0, dma(selectAnd(FwCfg.DMA_READ_BIT, FwCfg.KERNEL_DATA_KEY), 16, STRUCTURE));
        assertEquals('x', memory.readByte(STRUCTURE + 4));
    }

    @Test
    void shouldKeepHalfAnAddressInAnotherMachine() {
        memory.writeInt(0x1000, Integer.reverseBytes(selectAnd(FwCfg.DMA_READ_BIT, FwCfg.SIGNATURE_KEY)));
        fwCfg.dma().write(0, 4, Integer.reverseBytes(1));
        FwCfg other = new FwCfg("fwcfg", memory);
        StateRoundTrip.copy(fwCfg, other);
        other.dma().write(4, 4, Integer.toUnsignedLong(Integer.reverseBytes(0x1000)));
        assertEquals(selectAnd(FwCfg.DMA_READ_BIT, FwCfg.SIGNATURE_KEY), Integer.reverseBytes(memory.readInt(0x1000)),
                "0x1_0000_1000 is not memory");
    }
}
