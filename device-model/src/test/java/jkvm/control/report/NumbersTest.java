package jkvm.control.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {
    @ParameterizedTest
    @CsvSource({"0, 0 ns", "999, 999 ns", "1000, 1 µs", "4312, 4.31 µs", "12500000, 12.5 ms", "999999, 1 ms",
        "3200000000, 3.2 s", "125000000000, 2 min 5 s"})
    void shouldShowTimesWithThreeDigitsAndAUnit(long nanos, String text) {
        assertEquals(text, Numbers.nanos(nanos));
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "1.5, 1, 1.5", "0.046, 2, 0.05", "-2.25, 2, -2.25", "-0.001, 2, 0", "100, 2, 100"})
    void shouldCutZerosAfterThePoint(double value, int digits, String text) {
        assertEquals(text, Numbers.fixed(value, digits));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"7|7", "1234|1,234", "-1234567|-1,234,567", "123456|123,456"})
    void shouldGroupDigits(long value, String text) {
        assertEquals(text, Numbers.count(value));
    }

    @ParameterizedTest
    @CsvSource({"0.3, 0.5", "1, 1", "17, 20", "501, 1000", "99999, 100000"})
    void shouldFindRoundNumbersAbove(double value, double nice) {
        assertEquals(nice, Numbers.niceAbove(value), nice * 1e-9);
    }

    @ParameterizedTest
    @CsvSource({"0, 0 B", "4096, 4 KiB", "1610612736, 1.5 GiB", "134217728, 128 MiB"})
    void shouldShowSizesWithAUnit(long bytes, String text) {
        assertEquals(text, Numbers.bytes(bytes));
    }
}
