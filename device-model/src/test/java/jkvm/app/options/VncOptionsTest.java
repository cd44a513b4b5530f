package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import jkvm.control.vnc.VncAddress;
import jkvm.control.vnc.VncConfig;
import jkvm.machine.config.DeviceTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VncOptionsTest {

    private static List<VncConfig> parse(String line) {
        List<String> words = Stream.concat(Stream.of("-kernel", "k"), Arrays.stream(line.split(" "))).toList();
        return QemuOptions.parse(words, DeviceTypes.builtIn()).vncs();
    }

    @ParameterizedTest
    @CsvSource({":3, '', 5903, 5903", "0.0.0.0:3, 0.0.0.0, 5903, 5903", "[::1]:0, ::1, 5900, 5900",
            "':1,to=9', '', 5901, 5909", "'h:7000,reverse=on', h, 7000, 7000"})
    void shouldReadAddressesAsQemuWritesThem(String text, String host, int port, int last) {
        VncConfig config = parse("-vnc " + text).getFirst();
        assertEquals(Optional.of(new VncAddress.Tcp(host, port, last)), config.address());
        assertEquals(text.contains("reverse"), config.calls());
        assertEquals(config.address(), parse("-display vnc=" + text).getFirst().address());
    }

    @Test
    void shouldReadUnixSocketsAndNone() {
        assertEquals(Optional.of(new VncAddress.Unix(Path.of("/tmp/s"))),
                parse("-vnc unix:/tmp/s").getFirst().address());
        assertEquals(List.of(), parse("-vnc none"));
        assertEquals(Optional.empty(), parse("-vnc none,id=later").getFirst().address());
    }

    @Test
    void shouldTakeSoundThatNobodyHears() {
        assertEquals(Optional.of(new VncAddress.Tcp("", 5900, 5900)),
                parse("-vnc :0,audiodev=a -audiodev none,id=a").getFirst().address());
    }

    @Test
    void shouldReadTheOtherProperties() {
        VncConfig config = parse("-name g -object secret,id=s,data=abc -vnc :0,websocket=on,password-secret=s,"
                + "share=force-shared,connections=2 -vnc :1,websocket=80,password=on,id=b -k de").getFirst();
        assertEquals(Optional.of(new VncAddress.Tcp("", 0, 0)), config.websocket());
        assertTrue(config.asksPassword());
        assertArrayEquals(new byte[] {'a', 'b', 'c'}, config.password().orElseThrow());
        assertEquals(VncConfig.Share.FORCE_SHARED, config.share());
        assertEquals(2, config.connections());
        assertEquals("jkvm (g)", config.name());
        assertTrue(config.keymap().key('ä').isPresent());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-vnc 5", "-vnc :x", "-vnc :70000", "-vnc :0,share=no", "-vnc :0,password-secret=none",
            "-vnc :0,connections=0", "-vnc unix:/s,websocket=on", "-vnc :0,sasl=on", "-vnc :0,colour=no",
            "-vnc :0 -k xx", "-vnc :0,audiodev=a", "-audiodev none,id=b -vnc :0,audiodev=a"})
    void shouldRefuseOthers(String line) {
        assertThrows(UsageException.class, () -> parse(line));
    }
}
