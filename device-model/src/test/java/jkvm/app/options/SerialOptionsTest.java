package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jkvm.device.platform.IsaDebugconType;
import jkvm.device.serial.IsaSerialType;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.chardev.ChardevSpec.Backend;
import jkvm.host.chardev.ChardevSpec.HostDevice;
import jkvm.host.chardev.ChardevSpec.Null;
import jkvm.host.chardev.ChardevSpec.OutputFile;
import jkvm.host.chardev.ChardevSpec.Pipe;
import jkvm.host.chardev.ChardevSpec.Pty;
import jkvm.host.chardev.ChardevSpec.Ring;
import jkvm.host.chardev.ChardevSpec.Stdio;
import jkvm.host.chardev.ChardevSpec.TcpClient;
import jkvm.host.chardev.ChardevSpec.TcpServer;
import jkvm.host.chardev.ChardevSpec.Telnet;
import jkvm.host.chardev.ChardevSpec.Udp;
import jkvm.host.chardev.ChardevSpec.UnixClient;
import jkvm.host.chardev.ChardevSpec.UnixServer;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.MachineConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which character device ends up at which port. */
class SerialOptionsTest {

    private static MachineConfig parse(String line) {
        return QemuOptions.parse(line.isBlank() ? List.of() : List.of(line.split(" ")),
                DeviceTypes.builtIn()).machine();
    }

    /** The host sides of the serial ports by their index. */
    private static Map<Integer, ChardevSpec> serials(MachineConfig config) {
        return config.devices().stream().filter(device -> device.type() == IsaSerialType.TYPE)
                .map(DeviceConfig::properties).collect(Collectors.toMap(properties ->
                        properties.get(IsaSerialType.INDEX), properties -> properties.get(IsaSerialType.CHARDEV)));
    }

    private static Map<Integer, ChardevSpec> serials(String line) {
        return serials(parse(line));
    }

    private static DeviceConfig debugConsole(int port, ChardevSpec chardev) {
        return DeviceConfig.of(IsaDebugconType.TYPE).with(IsaDebugconType.CHARDEV, chardev)
                .with(IsaDebugconType.PORT, port);
    }

    private static ChardevSpec serial0(Backend backend, boolean mux) {
        return new ChardevSpec("serial0", backend, mux);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-nographic", "-nographic -display none", "-nographic -vnc none"})
    void shouldPutTheFirstSerialPortOnTheTerminal(String line) {
        assertEquals(Map.of(0, serial0(new Stdio(false), true)), serials(line));
    }

    @Test
    void shouldNotWatchForEscapesIfTheMonitorIsTurnedOff() {
        assertEquals(Map.of(0, serial0(new Stdio(true), false)), serials("-nographic -monitor none"));
        assertEquals(Map.of(0, serial0(new Null(), false)), serials("-monitor stdio"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-display none", "-vnc none"})
    void shouldLeaveTheTerminalAloneUnderADisplayOption(String line) {
        assertEquals(Map.of(0, ChardevSpec.unconnected("serial0")), serials(line));
    }

    @Test
    void shouldHaveNoSerialPortWithoutDefaults() {
        assertEquals(Map.of(), serials("-nodefaults -nographic"));
        assertEquals(Map.of(0, serial0(new Stdio(true), false)), serials("-nodefaults -serial stdio"));
    }

    static Stream<Arguments> forms() {
        return Stream.of(
                Arguments.of("stdio", new Stdio(true), false),
                Arguments.of("mon:stdio", new Stdio(false), true),
                Arguments.of("null", new Null(), false),
                Arguments.of("pty", new Pty(), false),
                Arguments.of("mon:pty", new Pty(), true),
                Arguments.of("file:a,b=c", new OutputFile(Path.of("a,b=c"), false), false),
                Arguments.of("unix:/tmp/s", new UnixClient(Path.of("/tmp/s"), 0), false),
                Arguments.of("unix:/tmp/s,reconnect=2", new UnixClient(Path.of("/tmp/s"), 2), false),
                Arguments.of("unix:/tmp/s,server", new UnixServer(Path.of("/tmp/s"), true), false),
                Arguments.of("unix:/tmp/s,server,nowait", new UnixServer(Path.of("/tmp/s"), false), false),
                Arguments.of("unix:/tmp/s,server=on,wait=off", new UnixServer(Path.of("/tmp/s"), false), false),
                Arguments.of("mon:unix:/tmp/s,server=on,wait=on", new UnixServer(Path.of("/tmp/s"), true), true),
                Arguments.of("tcp:h:1", new TcpClient("h", 1, 0, false), false),
                Arguments.of("tcp:h:1,reconnect=3,nodelay=on", new TcpClient("h", 1, 3, true), false),
                Arguments.of("tcp::2,server", new TcpServer("", 2, 2, true, false), false),
                Arguments.of("tcp:[::1]:2,server=on,wait=off,nodelay", new TcpServer("::1", 2, 2, false, true), false),
                Arguments.of("tcp::2,server,nowait,to=9", new TcpServer("", 2, 9, false, false), false),
                Arguments.of("telnet::2,server,nowait", new Telnet(new TcpServer("", 2, 2, false, false)), false),
                Arguments.of("mon:telnet:h:2", new Telnet(new TcpClient("h", 2, 0, false)), true),
                Arguments.of("udp::5", new Udp("", 5, "", 0), false),
                Arguments.of("udp:127.0.0.1:4559@:4560", new Udp("127.0.0.1", 4559, "", 4560), false),
                Arguments.of("pipe:p", new Pipe(Path.of("p")), false),
                Arguments.of("/dev/ttyS0", new HostDevice(Path.of("/dev/ttyS0")), false),
                Arguments.of("vc", new Null(), false),
                Arguments.of("vc:80Cx24C", new Null(), false));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void shouldReadEveryFormOfSerial(String text, Backend backend, boolean mux) {
        assertEquals(Map.of(0, serial0(backend, mux)), serials("-serial " + text));
    }

    static Stream<Arguments> declarations() {
        return Stream.of(
                Arguments.of("stdio,id=c0", new Stdio(true), false),
                Arguments.of("stdio,id=c0,mux=on,signal=off", new Stdio(false), true),
                Arguments.of("null,id=c0", new Null(), false),
                Arguments.of("pty,id=c0", new Pty(), false),
                Arguments.of("backend=file,id=c0,path=a,,b", new OutputFile(Path.of("a,b"), false), false),
                Arguments.of("file,id=c0,path=a,append=on", new OutputFile(Path.of("a"), true), false),
                Arguments.of("socket,id=c0,path=s,server=on,wait=off", new UnixServer(Path.of("s"), false), false),
                Arguments.of("socket,id=c0,path=s", new UnixClient(Path.of("s"), 0), false),
                Arguments.of("socket,id=c0,host=localhost,port=4561,server=on,wait=off",
                        new TcpServer("localhost", 4561, 4561, false, false), false),
                Arguments.of("socket,id=c0,host=h,port=1,telnet=on",
                        new Telnet(new TcpClient("h", 1, 0, false)), false),
                Arguments.of("udp,id=c0,port=5,localport=6", new Udp("", 5, "", 6), false),
                Arguments.of("pipe,id=c0,path=p", new Pipe(Path.of("p")), false),
                Arguments.of("serial,id=c0,path=/dev/null", new HostDevice(Path.of("/dev/null")), false),
                Arguments.of("ringbuf,id=c0,size=1024", new Ring(1024), false),
                Arguments.of("ringbuf,id=c0", new Ring(65536), false),
                Arguments.of("vc,id=c0,cols=80", new Null(), false));
    }

    @ParameterizedTest
    @MethodSource("declarations")
    void shouldFindADeclaredChardevWhereverItStands(String text, Backend backend, boolean mux) {
        ChardevSpec expected = new ChardevSpec("c0", backend, mux);
        MachineConfig before = parse("-chardev " + text + " -serial chardev:c0");
        MachineConfig after = parse("-serial chardev:c0 -chardev " + text);
        assertEquals(Map.of(0, expected), serials(before));
        assertEquals(List.of(expected), before.host().chardevs());
        assertEquals(before, after);
    }

    @Test
    void shouldCountPortsInTheOrderGiven() {
        Map<Integer, ChardevSpec> serials = serials("-serial none -serial null -device isa-serial,chardev=c"
                + " -chardev pty,id=c -device isa-serial,index=0,chardev=d -chardev null,id=d");
        assertEquals(List.of("d", "serial1", "c"), IntStream.range(0, 3).mapToObj(serials::get)
                .map(ChardevSpec::label).toList());
        assertEquals(3, serials.size());
    }

    @Test
    void shouldLetDevicesShareAMultiplexedChardev() {
        MachineConfig config = parse("-chardev stdio,id=c,mux=on -serial chardev:c"
                + " -device isa-debugcon,chardev=c,iobase=0x402");
        ChardevSpec shared = new ChardevSpec("c", new Stdio(true), true);
        assertEquals(Map.of(0, shared), serials(config));
        assertEquals(debugConsole(0x402, shared), config.devices().getLast());
    }

    @Test
    void shouldPutTheDebugConsoleAtItsPort() {
        DeviceConfig console = parse("-display none -nodefaults -debugcon stdio").devices().getLast();
        assertEquals(IsaDebugconType.TYPE, console.type());
        assertEquals(new ChardevSpec("debugcon", new Stdio(true), false),
                console.properties().get(IsaDebugconType.CHARDEV));
        assertEquals(0xe9, console.properties().get(IsaDebugconType.PORT));
        assertEquals(0xe9, console.properties().get(IsaDebugconType.READBACK));
    }

    @Test
    void shouldLeaveOutAnUnusedPortButKeepItsPlace() {
        assertEquals(Map.of(), serials("-serial none"));
        assertEquals(Map.of(1, new ChardevSpec("serial1", new Stdio(true), false)),
                serials("-serial none -serial stdio"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-serial foo                                  | -serial foo: unknown character device; jkvm has stdio",
        "-serial tcp:localhost                        | -serial tcp:localhost: write it as tcp:[HOST]:PORT",
        "-serial tcp::99999                           | not a port: 99999",
        "-serial tcp:h:1,wait=off                     | 'wait' option is incompatible with socket in client connect",
        "-serial tcp:h:1,server=on,reconnect=1        | 'reconnect' option is incompatible with socket in server",
        "-serial tcp::1,foo=1                         | unknown property foo",
        "-serial udp:4559                             | -serial udp:4559: write it as udp:[HOST]:PORT",
        "-serial udp                                  | -serial udp: unknown character device",
        "-serial pipe:                                | -serial pipe:: give it a path",
        "-serial vc:banana                            | -serial vc:banana: unknown character device",
        "-serial help                                 | -serial help: unknown character device; jkvm has stdio",
        "-serial tn3270::1,server=on                  | not yet: -serial tn3270::1,server=on",
        "-serial stdio:1                              | -serial stdio:1: unknown character device",
        "-serial mon:none                             | -serial mon:none: unknown character device",
        "-serial file:                                | -serial file:: give it a path",
        "-serial unix:s,servr=on                      | unknown property servr; did you mean server?",
        "-serial unix:s,wait=off                      | incompatible with socket in client connect mode; add server=on",
        "-serial unix:s,server=maybe                  | property server is on or off",
        "-serial chardev:x                            | -serial chardev:x: there is no -chardev with id=x",
        "-serial stdio -serial mon:stdio              | cannot use stdio for serial0 and serial1",
        "-monitor stdio -serial stdio                 | cannot use stdio for compat_monitor0 and serial0",
        "-monitor stdio -nographic                    | cannot use stdio for compat_monitor0 and serial0",
        "-debugcon stdio                              | cannot use stdio for serial0 and debugcon",
        "-serial null -serial null -serial null -serial null -serial null | at most 4 serial ports; there are 5",
        "-chardev null                                | -chardev null: give it an id=NAME",
        "-chardev null,id=0                           | property id expects an identifier",
        "-chardev null,id=a -chardev pty,id=a         | -chardev pty,id=a: the id a is in use already",
        "-chardev ringbuf,id=a,size=1000              | size of ringbuf chardev must be power of two",
        "-chardev socket,id=a,host=h                  | chardev: socket: no port given",
        "-chardev socket,id=a                         | give it one of path=FILE, host=HOST,port=PORT and fd=NUMBER",
        "-chardev socket,id=a,path=p,host=h           | give it one of path=FILE, host=HOST,port=PORT and fd=NUMBER",
        "-chardev socket,id=a,fd=3,reconnect=1        | 'reconnect' option is incompatible with 'fd'",
        "-chardev socket,id=a,host=h,port=1,delay=on,nodelay=on | 'delay' and 'nodelay' are mutually exclusive",
        "-chardev udp,id=a                            | chardev: udp: remote port not specified",
        "-chardev banana,id=a                         | 'banana' is not a valid char driver name",
        "-chardev msmouse,id=a                        | not yet: -chardev msmouse,id=a",
        "-chardev pipe,id=a                           | property path is missing",
        "-chardev null,id=a -serial chardev:a -serial chardev:a | chardev a is in use by serial0; mux=on lets devices",
        "-serial null -chardev null,id=a -device isa-serial,index=0,chardev=a | serial port 0 is in use",
        "-debugcon none                               | -debugcon none: leave the option out",
    })
    void shouldSayWhatIsWrongWithACharacterDevice(String line, String message) {
        RuntimeException thrown = assertThrows(RuntimeException.class, () -> parse(line));
        String text = ErrorText.of(thrown).orElseThrow(() -> thrown);
        assertTrue(text.contains(message), text);
    }
}
