package jkvm.host.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {

    @ParameterizedTest
    @CsvSource({"0,0", "512,512", "010,10", "1k,1024", "1K,1024", "1m,1048576", "1.5k,1536", "1.k,1024", "1.0,1",
            "1.9k,1946", "1.1k,1126", "1e,1152921504606846976", "0x10,16", "0x10k,16384", "0x1b,27", "7b,7",
            "+1M,1048576",
            "' 1M',1048576", "9223372036854775807,9223372036854775807"})
    void shouldReadSizesAsQemuImgDoes(String text, long bytes) {
        assertEquals(OptionalLong.of(bytes), ByteSize.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k", ".5G", ".5M", "1.5", "1.5b", "-1", "1MB", "1kb", "1e3", "1 M", "1M ", "++1", "+ 1",
            "0x", "0x1.8k", "1_0", "8E", "9223372036854775808", "inf"})
    void shouldRefuseWhatQemuImgRefuses(String text) {
        assertEquals(OptionalLong.empty(), ByteSize.parse(text));
    }
}
