package jkvm.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateBufferTest {
    private final StateBuffer written = new StateBuffer("dev0");

    private StateBuffer reread() {
        return new StateBuffer("dev0", written.toByteArray());
    }

    @Test
    void shouldReadFieldsBackInOrder() {
        written.putVersion(2);
        written.putInt("count", -7);
        written.putBoolean("on", true);
        written.putBoolean("off", false);
        written.putBytes("data", new byte[] {1, 2, 3});
        written.putBytes("none", new byte[0]);

        StateBuffer in = reread();

        assertEquals(2, in.getVersion(3));
        assertEquals(-7, in.getInt("count"));
        assertTrue(in.getBoolean("on"));
        assertFalse(in.getBoolean("off"));
        assertArrayEquals(new byte[] {1, 2, 3}, in.getBytes("data", 3));
        assertArrayEquals(new byte[0], in.getBytes("none", -1));
        in.requireEnd();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 63, 64, -64, -65, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE})
    void shouldKeepEveryNumber(long value) {
        written.putLong("n", value);
        assertEquals(value, reread().getLong("n"));
    }

    @Test
    void shouldStoreSmallNumbersInOneByte() {
        written.putLong("n", 5);
        assertEquals(4, written.toByteArray().length);
    }

    @Test
    void shouldGrowForLargeFields() {
        byte[] large = new byte[70_000];
        Arrays.fill(large, (byte) 0x5a);
        written.putBytes("large", large);
        assertArrayEquals(large, reread().getBytes("large", large.length));
    }

    @Test
    void shouldNameDeviceAndFieldWhenTheFieldIsAnother() {
        written.putLong("divisor", 12);
        StateException e = assertThrows(StateException.class, () -> reread().getLong("ier"));
        assertEquals("dev0: the state has field divisor where field ier is due", e.getMessage());
    }

    @Test
    void shouldRefuseAnotherKindOfField() {
        written.putLong("fifo", 12);
        assertThrows(StateException.class, () -> reread().getBytes("fifo", 1));
    }

    @Test
    void shouldRefuseTheStateOfAnotherDevice() {
        written.putVersion(1);
        StateException e = assertThrows(StateException.class,
                () -> new StateBuffer("dev1", written.toByteArray()).getVersion(1));
        assertEquals("dev1: the state has the start of device dev0 where field dev1 is due", e.getMessage());
    }

    @Test
    void shouldRefuseANewerVersion() {
        written.putVersion(3);
        StateException e = assertThrows(StateException.class, () -> reread().getVersion(2));
        assertEquals("dev0: its state has version 3, this jkvm reads 1-2", e.getMessage());
    }

    @Test
    void shouldNameTheFieldInWhichATruncatedStateEnds() {
        written.putLong("ier", 1L << 40);
        byte[] whole = written.toByteArray();
        for (int length = 0; length < whole.length; length++) {
            StateBuffer cut = new StateBuffer("dev0", Arrays.copyOf(whole, length));
            StateException e = assertThrows(StateException.class, () -> cut.getLong("ier"));
            assertEquals("dev0: the state ends within field ier", e.getMessage());
        }
    }

    @Test
    void shouldRefuseBytesOfAnotherLength() {
        written.putBytes("fifo", new byte[5]);
        StateException e = assertThrows(StateException.class, () -> reread().getBytes("fifo", 16));
        assertEquals("dev0: field fifo has 5 bytes, not 16", e.getMessage());
    }

    @Test
    void shouldRefuseBytesBeyondAMebibyteOrOfNegativeCount() {
        byte[] huge = {'B', 1, 'x', (byte) 0xfe, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x0f};
        byte[] negative = {'B', 1, 'x', 1};
        assertThrows(StateException.class, () -> new StateBuffer("dev0", huge).getBytes("x", -1));
        assertThrows(StateException.class, () -> new StateBuffer("dev0", negative).getBytes("x", -1));
    }

    @Test
    void shouldRefuseANumberWithoutEnd() {
        byte[] endless = new byte[20];
        Arrays.fill(endless, (byte) 0xff);
        endless[0] = 'N';
        endless[1] = 1;
        endless[2] = 'x';
        assertThrows(StateException.class, () -> new StateBuffer("dev0", endless).getLong("x"));
    }

    @Test
    void shouldRefuseANumberOutOfItsRange() {
        written.putInt("count", 17);
        StateException e = assertThrows(StateException.class, () -> reread().getInt("count", 0, 16));
        assertEquals("dev0: field count is 17, not within 0-16", e.getMessage());
    }

    @Test
    void shouldRefuseLeftoverFields() {
        written.putInt("count", 17);
        assertThrows(StateException.class, () -> reread().requireEnd());
    }
}
