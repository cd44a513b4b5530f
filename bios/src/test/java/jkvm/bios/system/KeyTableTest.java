package jkvm.bios.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import jkvm.bios.system.KeyTable.Shift;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys as IBM's reference lists them. */
class KeyTableTest {

    @ParameterizedTest
    @CsvSource({"01, 011B, 011B, 011B, 0100", "02, 0231, 0221, 0000, 7800", "03, 0332, 0340, 0300, 7900",
        "07, 0736, 075E, 071E, 7D00", "0B, 0B30, 0B29, 0000, 8100", "0C, 0C2D, 0C5F, 0C1F, 8200",
        "0E, 0E08, 0E08, 0E7F, 0E00", "0F, 0F09, 0F00, 9400, A500", "10, 1071, 1051, 1011, 1000",
        "1A, 1A5B, 1A7B, 1A1B, 1A00", "1C, 1C0D, 1C0D, 1C0A, 1C00", "27, 273B, 273A, 0000, 2700",
        "2B, 2B5C, 2B7C, 2B1C, 2B00", "32, 326D, 324D, 320D, 3200", "35, 352F, 353F, 0000, 3500",
        "37, 372A, 372A, 9600, 3700", "39, 3920, 3920, 3920, 3920", "3B, 3B00, 5400, 5E00, 6800",
        "44, 4400, 5D00, 6700, 7100", "47, 4700, 4737, 7700, 0000", "4A, 4A2D, 4A2D, 8E00, 4A00",
        "53, 5300, 532E, 9300, 0000", "56, 565C, 567C, 0000, 0000", "57, 8500, 8700, 8900, 8B00",
        "58, 8600, 8800, 8A00, 8C00", "1D, 0000, 0000, 0000, 0000", "7F, 0000, 0000, 0000, 0000"})
    void shouldGiveTheKeysOfIbmsReference(String code, String plain, String shift, String control, String alt) {
        int scanCode = number(code);

        assertEquals(number(plain), KeyTable.key(scanCode, Shift.PLAIN, false, false));
        assertEquals(number(shift), KeyTable.key(scanCode, Shift.SHIFT, false, false));
        assertEquals(number(control), KeyTable.key(scanCode, Shift.CONTROL, false, false));
        assertEquals(number(alt), KeyTable.key(scanCode, Shift.ALT, false, false));
    }

    @ParameterizedTest
    @CsvSource({"1C, E00D, E00D, E00A, A600", "35, E02F, E02F, 9500, A400", "47, 47E0, 47E0, 77E0, 9700",
        "48, 48E0, 48E0, 8DE0, 9800", "53, 53E0, 53E0, 93E0, A300", "4C, 0000, 0000, 0000, 0000",
        "10, 0000, 0000, 0000, 0000"})
    void shouldTellTheKeysBesideTheNumberPadApart(String code, String plain, String shift, String control,
            String alt) {
        int scanCode = number(code);

        assertEquals(number(plain), KeyTable.prefixed(scanCode, Shift.PLAIN));
        assertEquals(number(shift), KeyTable.prefixed(scanCode, Shift.SHIFT));
        assertEquals(number(control), KeyTable.prefixed(scanCode, Shift.CONTROL));
        assertEquals(number(alt), KeyTable.prefixed(scanCode, Shift.ALT));
    }

    @ParameterizedTest
    @CsvSource({"E00D, 1C0D", "E00A, 1C0A", "E02F, 352F", "48E0, 4800", "1071, 1071", "00E0, 00E0", "8500, 8500"})
    void shouldHideThemFromProgramsThatDoNotKnowThem(String enhanced, String old) {
        assertEquals(number(old), KeyTable.withoutPrefix(number(enhanced)));
    }

    @ParameterizedTest
    @CsvSource({"61, 1E61", "41, 1E41", "0D, 1C0D", "0A, 1C0D", "1B, 011B", "03, 2E03", "09, 0F09", "7F, 0E08",
        "20, 3920", "7E, 297E", "C3, 00C3", "2A, 092A"})
    void shouldFindTheKeyOfACharacter(String character, String key) {
        assertEquals(number(key), KeyTable.ofCharacter(number(character)));
    }

    @ParameterizedTest
    @CsvSource({"10, 1051, 1071", "02, 0231, 0221"})
    void shouldCapitalizeLettersOnlyByCapsLock(String code, String plain, String shift) {
        assertEquals(number(plain), KeyTable.key(number(code), Shift.PLAIN, true, false));
        assertEquals(number(shift), KeyTable.key(number(code), Shift.SHIFT, true, false));
    }

    private static int number(String hex) {
        return Integer.parseInt(hex, 16);
    }
}
