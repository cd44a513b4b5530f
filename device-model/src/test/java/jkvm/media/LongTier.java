package jkvm.media;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Tests that take long and add little to the quick ones. */
public final class LongTier {
    private LongTier() {
    }

    /** Skips the test unless the property {@code jkvm.long} is set. */
    public static void require() {
        assumeTrue(Boolean.getBoolean("jkvm.long"), "in the long tier: -Djkvm.long=true");
    }

    /** As {@link #require()} for SeaBIOS; the built-in BIOS is always tested. */
    public static void requireFor(Bios bios) {
        if (bios == Bios.SEABIOS) {
            require();
        }
    }
}
