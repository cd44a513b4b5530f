package jkvm.device.platform;

import static jkvm.device.platform.I8042.STATUS_MOUSE_BIT;
import static jkvm.device.platform.I8042.STATUS_OUTPUT_FULL_BIT;
import static jkvm.device.platform.I8042.WRITE_CTR;
import static jkvm.device.platform.I8042.WRITE_MOUSE;
import static jkvm.device.platform.Ports.in;
import static jkvm.device.platform.Ports.out;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import jkvm.bus.FakeIrqLine;
import jkvm.bus.RecordingMachineControl;
import jkvm.host.input.Button;
import jkvm.host.input.InputEvent;
import jkvm.host.input.InputHub;
import jkvm.host.input.Key;
import jkvm.work.FakeClock;

/** A keyboard controller with a user at one side and a driver at the other. */
final class Ps2Fixture {
    static final int ACK = 0xfa;
    static final int MAX_BYTES = 200;

    final FakeIrqLine keyboardIrq = new FakeIrqLine();
    final FakeIrqLine mouseIrq = new FakeIrqLine();
    final FakeClock clock = new FakeClock();
    final I8042 controller = new I8042("i8042", keyboardIrq, mouseIrq, clock, new RecordingMachineControl());
    final InputHub hub = new InputHub(clock, null);

    Ps2Fixture() {
        controller.connect(hub);
    }

    void command(int value) {
        out(controller.command(), 0, value);
    }

    void data(int value) {
        out(controller.data(), 0, value);
    }

    void writeCtr(int value) {
        command(WRITE_CTR);
        data(value);
    }

    /** The user's events reach the devices. */
    void settle() {
        clock.advanceNanos(0);
    }

    void stroke(Key key, boolean isDown) {
        hub.send(new InputEvent.Stroke(key, isDown));
        settle();
    }

    /** Presses a key and lets it go. */
    void type(Key key) {
        stroke(key, true);
        stroke(key, false);
    }

    void move(int dx, int dy) {
        hub.send(new InputEvent.Relative(dx, dy));
        settle();
    }

    void wheel(int steps) {
        hub.send(new InputEvent.Wheel(steps));
        settle();
    }

    void button(Button button, boolean isDown) {
        hub.send(new InputEvent.Press(button, isDown));
        settle();
    }

    /** Reads all bytes that the devices send; mouse bytes with 0x100 added. */
    List<Integer> drain() {
        List<Integer> bytes = new ArrayList<>();
        for (int status = in(controller.command(), 0); (status & STATUS_OUTPUT_FULL_BIT) != 0;
                status = in(controller.command(), 0)) {
            bytes.add(in(controller.data(), 0) | ((status & STATUS_MOUSE_BIT) != 0 ? 0x100 : 0));
            assertTrue(bytes.size() < MAX_BYTES, "bytes without end");
        }
        return bytes;
    }

    List<Integer> tellKeyboard(int... bytes) {
        List<Integer> answers = new ArrayList<>();
        for (int value : bytes) {
            data(value);
            answers.addAll(drain());
        }
        return answers;
    }

    List<Integer> tellMouse(int... bytes) {
        List<Integer> answers = new ArrayList<>();
        for (int value : bytes) {
            command(WRITE_MOUSE);
            data(value);
            answers.addAll(mouse());
        }
        return answers;
    }

    /** Reads what the mouse sends. */
    List<Integer> mouse() {
        return drain().stream().map(value -> value - 0x100).toList();
    }
}
