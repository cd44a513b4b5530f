package jkvm.device.platform;

import static jkvm.device.platform.Ports.in;
import static jkvm.device.platform.Ports.out;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import jkvm.bus.Device;
import jkvm.bus.IoHandler;
import jkvm.bus.MachineControl;
import jkvm.bus.RecordingMachineControl;
import jkvm.bus.StateRoundTrip;
import jkvm.device.testdev.IsaDebugExit;
import jkvm.host.chardev.FakeChardev;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The devices of one or two ports. */
class SmallPortsTest {
    private final RecordingMachineControl machine = new RecordingMachineControl();

    @ParameterizedTest
    @ValueSource(ints = {0x04, 0x06, 0x0e})
    void shouldResetThroughTheResetControlRegister(int value) {
        ResetControl control = new ResetControl("cf9", machine);
        out(control, 0, 0x02);
        assertEquals(0, machine.resets());
        out(control, 0, value);
        assertEquals(1, machine.resets());
    }

    @Test
    void shouldReadTheKindOfResetBack() {
        ResetControl control = new ResetControl("cf9", machine);
        out(control, 0, 0x02);
        assertEquals(0x02, in(control, 0));
        control.reset();
        assertEquals(0, in(control, 0));
    }

    @Test
    void shouldOpenA20AtStartAndReadBackWhatWasWrittenToPort92() {
        Port92 port = new Port92("port92", machine);
        assertEquals(0x02, in(port, 0));
        out(port, 0, 0x00);
        assertEquals(0x00, in(port, 0));
        assertEquals(0, machine.resets());
    }

    @Test
    void shouldResetOnceWhenBitZeroOfPort92Rises() {
        Port92 port = new Port92("port92", machine);
        out(port, 0, 0x03);
        out(port, 0, 0x03);
        assertEquals(1, machine.resets());
        out(port, 0, 0x02);
        out(port, 0, 0x03);
        assertEquals(2, machine.resets());
    }

    @Test
    void shouldKeepTheLastPostCode() {
        PostPort post = new PostPort("post");
        out(post, 0, 0x12);
        out(post, 0, 0xa5);
        out(post, 7, 0x33);
        assertEquals(0xa5, post.lastCode());
        assertEquals(0xa5, in(post, 0));
        assertEquals(0x33, in(post, 7));
        assertEquals(0xff, in(post, 16));
    }

    @Test
    void shouldReadAllOnesFromASink() {
        SinkPort sink = new SinkPort("delay");
        sink.write(0, 1, 0x12);
        assertEquals(0xff, in(sink, 0));
    }

    @Test
    void shouldPrintToTheDebugConsoleAndAnnounceIt() {
        FakeChardev host = new FakeChardev();
        DebugConsole console = new DebugConsole("debugcon", DebugConsole.DEFAULT_READBACK, host);
        out(console, "hello\n");
        assertEquals("hello\n", host.text());
        assertEquals(0xe9, in(console, 0));
        assertEquals(0, host.send("x"), "takes no input");
    }

    @Test
    void shouldReadAsTheByteThatTheUserChose() {
        assertEquals(0x42, in(new DebugConsole("debugcon", 0x42, new FakeChardev()), 0));
    }

    @Test
    void shouldCountWhatTheHostOfADebugConsoleDoesNotTake() {
        // The warning is for users; a build has none.
        Logger logger = Logger.getLogger(DebugConsole.class.getName());
        logger.setLevel(Level.OFF);
        FakeChardev host = new FakeChardev();
        DebugConsole console = new DebugConsole("debugcon", DebugConsole.DEFAULT_READBACK, host);
        host.setRoom(2);
        out(console, "hello");
        logger.setLevel(null);
        assertEquals("he", host.text());
        assertEquals(3, console.lostBytes());
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 3", "0x10, 33", "0x31, 99", "0xffffffff, -1"})
    void shouldExitWithAnOddStatus(long value, int status) {
        IsaDebugExit exit = new IsaDebugExit("exit", machine);
        exit.write(0, 4, value);
        assertEquals(List.of(status), machine.exits());
        assertEquals(0, exit.read(0, 1));
    }

    @Test
    void shouldPowerOffAtTheWordShutdown() {
        BochsShutdown port = new BochsShutdown("bochs", machine);
        out(port, "Shutdow");
        assertEquals(0, machine.powerOffs());
        out(port, "n");
        assertEquals(1, machine.powerOffs());
    }

    @Test
    void shouldStartTheWordAnewAfterAnotherLetter() {
        BochsShutdown port = new BochsShutdown("bochs", machine);
        out(port, "Shutxdown");
        assertEquals(0, machine.powerOffs());
        out(port, "ShutShutdown");
        assertEquals(1, machine.powerOffs());
    }

    @Test
    void shouldForgetAHalfWordOnReset() {
        BochsShutdown port = new BochsShutdown("bochs", machine);
        out(port, "Shut");
        port.reset();
        out(port, "down");
        assertEquals(0, machine.powerOffs());
    }

    /** One of each kind, by the machine that it asks. */
    static Stream<UnaryOperator<Object>> kinds() {
        return Stream.of(m -> new ResetControl("dev", (MachineControl) m), m -> new Port92("dev", (MachineControl) m),
                m -> new PostPort("dev"), m -> new SinkPort("dev"),
                m -> new DebugConsole("dev", 0xe9, new FakeChardev()),
                m -> new IsaDebugExit("dev", (MachineControl) m), m -> new BochsShutdown("dev", (MachineControl) m));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldCarryItsStateIntoAnotherMachine(UnaryOperator<Object> kind) {
        Device from = (Device) kind.apply(machine);
        Device to = (Device) kind.apply(new RecordingMachineControl());
        out((IoHandler) from, 0, 'S');
        StateRoundTrip.copy(from, to);
        assertEquals(in((IoHandler) from, 0), in((IoHandler) to, 0));
    }
}
