package jkvm.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class FuzzParserTest {
    @Test
    @Timeout(60)
    void shouldFindAnInputForWhichTheParserGoesAstray() throws Exception {
        FuzzParser fuzzer = new FuzzParser(1);

        long count = fuzzer.run();

        assertTrue(fuzzer.culprit() != null, count + " inputs were tried");
        assertEquals("JKV1", new String(fuzzer.culprit(), 0, 4, StandardCharsets.ISO_8859_1));
    }
}
