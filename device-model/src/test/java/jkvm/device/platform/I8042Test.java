package jkvm.device.platform;

import static jkvm.device.platform.I8042.*;
import static jkvm.device.platform.Ports.in;
import static jkvm.device.platform.Ports.out;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import jkvm.bus.FakeIrqLine;
import jkvm.bus.RecordingMachineControl;
import jkvm.bus.StateRoundTrip;
import jkvm.work.FakeClock;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class I8042Test {
    private static final int ACK = 0xfa;

    private final FakeIrqLine keyboardIrq = new FakeIrqLine();
    private final FakeIrqLine mouseIrq = new FakeIrqLine();
    private final FakeClock clock = new FakeClock();
    private final RecordingMachineControl machine = new RecordingMachineControl();
    private final I8042 controller = new I8042("i8042", keyboardIrq, mouseIrq, clock, machine);

    private void command(int value) {
        out(controller.command(), 0, value);
    }

    private void data(int value) {
        out(controller.data(), 0, value);
    }

    private int status() {
        return in(controller.command(), 0);
    }

    private int ask(int command) {
        command(command);
        assertTrue((status() & STATUS_OUTPUT_FULL_BIT) != 0, "answers at once");
        return in(controller.data(), 0);
    }

    private void writeCtr(int value) {
        command(WRITE_CTR);
        data(value);
    }

    /** Reads all bytes that the devices send; mouse bytes with 0x100 added. */
    private List<Integer> drain() {
        List<Integer> bytes = new ArrayList<>();
        for (int status = status(); (status & STATUS_OUTPUT_FULL_BIT) != 0; status = status()) {
            bytes.add(in(controller.data(), 0) | ((status & STATUS_MOUSE_BIT) != 0 ? 0x100 : 0));
            assertTrue(bytes.size() < 100, "an answer without end");
        }
        return bytes;
    }

    private List<Integer> tellKeyboard(int... bytes) {
        for (int value : bytes) {
            data(value);
        }
        return drain();
    }

    private List<Integer> tellMouse(int... bytes) {
        List<Integer> answers = new ArrayList<>();
        for (int value : bytes) {
            command(WRITE_MOUSE);
            data(value);
            drain().forEach(answer -> answers.add(answer - 0x100));
        }
        return answers;
    }

    // Controller.

    @Test
    void shouldStartAsAfterABios() {
        assertEquals(STATUS_UNLOCKED_BIT | STATUS_SYSTEM_BIT | STATUS_COMMAND_BIT, status());
        assertEquals(0x65, ask(READ_CTR));
    }

    @Test
    void shouldPassItsTests() {
        assertEquals(0x55, ask(SELF_TEST));
        assertEquals(0, ask(TEST_KEYBOARD));
        assertEquals(0, ask(TEST_MOUSE));
    }

    @Test
    void shouldReadBackTheControlRegister() {
        writeCtr(0x47);
        assertEquals(0x47, ask(READ_CTR));
    }

    @Test
    void shouldShowPortSwitchesInTheControlRegister() {
        command(ENABLE_MOUSE);
        assertEquals(0, ask(READ_CTR) & CTR_MOUSE_DISABLE_BIT);
        command(DISABLE_MOUSE);
        assertEquals(CTR_MOUSE_DISABLE_BIT, ask(READ_CTR) & CTR_MOUSE_DISABLE_BIT);
        command(DISABLE_KEYBOARD);
        assertEquals(CTR_KEYBOARD_DISABLE_BIT, ask(READ_CTR) & CTR_KEYBOARD_DISABLE_BIT);
        command(ENABLE_KEYBOARD);
        assertEquals(0, ask(READ_CTR) & CTR_KEYBOARD_DISABLE_BIT);
    }

    @Test
    void shouldTellCommandFromDataInTheStatus() {
        command(ENABLE_KEYBOARD);
        assertEquals(STATUS_COMMAND_BIT, status() & STATUS_COMMAND_BIT);
        data(0xf4);
        assertEquals(0, status() & STATUS_COMMAND_BIT);
    }

    @Test
    void shouldLoopBytesBackAsIfFromTheDevices() {
        command(WRITE_KEYBOARD_BUFFER);
        data(0x1c);
        command(WRITE_MOUSE_BUFFER);
        data(0x5a);
        assertEquals(List.of(0x1c, 0x15a), drain());
    }

    @Test
    void shouldPassLinuxProbeOfTheMousePort() {
        // i8042_check_aux: loop, switch off and on, then one interrupt through a loop; no multiplexer answers.
        command(WRITE_MOUSE_BUFFER);
        data(0x5a);
        assertEquals(List.of(0x15a), drain());
        writeCtr(0x44 | CTR_MOUSE_INTERRUPT_BIT);
        command(WRITE_MOUSE_BUFFER);
        data(0xa5);
        assertEquals(1, mouseIrq.edges());
        assertEquals(STATUS_OUTPUT_FULL_BIT | STATUS_MOUSE_BIT, status() & 0x21);
        assertEquals(0xa5, in(controller.data(), 0));
        assertFalse(mouseIrq.level());
        for (int knock : new int[] {0xf0, 0x56, 0xa4}) {
            command(WRITE_MOUSE_BUFFER);
            data(knock);
            assertEquals(knock, in(controller.data(), 0), "an echo means no multiplexer");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0xf0, 0xf2, 0xfc, 0xfe})
    void shouldResetWhenTheResetLineIsPulsed(int pulse) {
        command(pulse);
        assertEquals(1, machine.resets());
    }

    @ParameterizedTest
    @ValueSource(ints = {0xf1, 0xfd, 0xff, 0x00, 0x99})
    void shouldIgnoreOtherPulsesAndUnknownCommands(int command) {
        command(command);
        assertEquals(0, machine.resets());
        assertEquals(List.of(), drain());
    }

    @Test
    void shouldKeepA20InTheOutputPort() {
        assertEquals(0xcf, ask(READ_OUTPUT_PORT));
        command(WRITE_OUTPUT_PORT);
        data(0xcd);
        assertEquals(0xcd, ask(READ_OUTPUT_PORT));
        command(ENABLE_A20);
        assertEquals(0xcf, ask(READ_OUTPUT_PORT));
        command(DISABLE_A20);
        assertEquals(0xcd, ask(READ_OUTPUT_PORT));
        assertEquals(0, machine.resets());
    }

    @Test
    void shouldResetWhenTheOutputPortsResetBitFalls() {
        command(WRITE_OUTPUT_PORT);
        data(0xfe);
        assertEquals(1, machine.resets());
    }

    @Test
    void shouldRepeatTheLastByteWhenNothingIsThere() {
        assertEquals(0x55, ask(SELF_TEST));
        assertEquals(0x55, in(controller.data(), 0));
        assertEquals(0, status() & STATUS_OUTPUT_FULL_BIT);
    }

    // Interrupts.

    @Test
    void shouldRaiseOneInterruptForEachByteOfTheKeyboard() {
        data(0xf2);
        assertTrue(keyboardIrq.level());
        drain();
        assertEquals(3, keyboardIrq.edges());
        assertFalse(keyboardIrq.level());
        assertEquals(0, mouseIrq.edges());
    }

    @Test
    void shouldRaiseTheMousesOwnInterrupt() {
        writeCtr(CTR_KEYBOARD_INTERRUPT_BIT | CTR_MOUSE_INTERRUPT_BIT);
        assertEquals(List.of(ACK, 0), tellMouse(0xf2));
        assertEquals(2, mouseIrq.edges());
        assertEquals(0, keyboardIrq.edges());
    }

    @Test
    void shouldStaySilentWithInterruptsOff() {
        writeCtr(0);
        data(0xf4);
        command(WRITE_MOUSE);
        data(0xf4);
        assertEquals(List.of(ACK, 0x100 | ACK), drain());
        assertEquals(0, keyboardIrq.edges() + mouseIrq.edges());
    }

    @Test
    void shouldHoldADisabledDevicesBytesBack() {
        data(0xf2);
        command(DISABLE_KEYBOARD);
        assertEquals(List.of(ACK), drain(), "one byte was in the buffer already");
        command(ENABLE_KEYBOARD);
        assertEquals(List.of(0xab, 0x41), drain());
    }

    // Keyboard.

    @Test
    void shouldIdentifyTheKeyboardTranslatedAndRaw() {
        assertEquals(List.of(ACK, 0xab, 0x41), tellKeyboard(0xf2));
        writeCtr(0);
        assertEquals(List.of(ACK, 0xab, 0x83), tellKeyboard(0xf2));
    }

    @Test
    void shouldReportTheKeyboardsSelfTest() {
        assertEquals(List.of(ACK, 0xaa), tellKeyboard(0xff));
    }

    @Test
    void shouldAcknowledgeKeyboardCommandsWithParameters() {
        for (int command : new int[] {0xed, 0xf3}) {
            assertEquals(List.of(ACK), tellKeyboard(command));
            assertEquals(List.of(ACK), tellKeyboard(0x00));
        }
        for (int command : new int[] {0xf4, 0xf5, 0xf6}) {
            assertEquals(List.of(ACK), tellKeyboard(command));
        }
    }

    @Test
    void shouldChangeAndTellTheScancodeSet() {
        writeCtr(0);
        assertEquals(List.of(ACK), tellKeyboard(0xf0));
        assertEquals(List.of(ACK, 2), tellKeyboard(0x00));
        tellKeyboard(0xf0);
        assertEquals(List.of(ACK), tellKeyboard(0x03));
        tellKeyboard(0xf0);
        assertEquals(List.of(ACK, 3), tellKeyboard(0x00));
    }

    @Test
    void shouldEchoAndResend() {
        assertEquals(List.of(0xee), tellKeyboard(0xee));
        assertEquals(List.of(0xee), tellKeyboard(0xfe));
    }

    @Test
    void shouldAskToResendAnUnknownKeyboardCommand() {
        assertEquals(List.of(0xfe), tellKeyboard(0xea));
        assertEquals(List.of(0xfe), tellKeyboard(0x12));
    }

    @Test
    void shouldTakeACommandInPlaceOfAParameter() {
        tellKeyboard(0xed);
        assertEquals(List.of(ACK, 0xab, 0x41), tellKeyboard(0xf2));
        assertEquals(List.of(0xfe), tellKeyboard(0x07), "no parameter is due any more");
    }

    // Mouse.

    @Test
    void shouldReportTheMousesSelfTestAndId() {
        assertEquals(List.of(ACK, 0xaa, 0x00), tellMouse(0xff));
        assertEquals(List.of(ACK, 0x00), tellMouse(0xf2));
    }

    @Test
    void shouldBecomeAWheelMouseAndAFiveButtonMouseOnTheirKnocks() {
        tellMouse(0xf3, 200, 0xf3, 100, 0xf3, 80);
        assertEquals(List.of(ACK, 3), tellMouse(0xf2));
        tellMouse(0xf3, 200, 0xf3, 200, 0xf3, 80);
        assertEquals(List.of(ACK, 4), tellMouse(0xf2));
        assertEquals(List.of(ACK, 0xaa, 0), tellMouse(0xff));
        assertEquals(List.of(ACK, 0), tellMouse(0xf2));
    }

    @Test
    void shouldTellTheMousesStatus() {
        assertEquals(List.of(ACK, 0x00, 2, 100), tellMouse(0xe9));
        assertEquals(List.of(ACK, ACK, ACK, ACK, ACK, ACK), tellMouse(0xe8, 3, 0xf3, 60, 0xe7, 0xf4));
        assertEquals(List.of(ACK, 0x30, 3, 60), tellMouse(0xe9));
        assertEquals(List.of(ACK, ACK), tellMouse(0xe6, 0xf0));
        assertEquals(List.of(ACK, 0x60, 3, 60), tellMouse(0xe9));
        tellMouse(0xf6);
        assertEquals(List.of(ACK, 0x00, 2, 100), tellMouse(0xe9));
    }

    @Test
    void shouldPollAMouseThatDoesNotMove() {
        assertEquals(List.of(ACK, 0x08, 0, 0), tellMouse(0xeb));
        tellMouse(0xf3, 200, 0xf3, 100, 0xf3, 80);
        assertEquals(List.of(ACK, 0x08, 0, 0, 0), tellMouse(0xeb));
    }

    @Test
    void shouldEchoInWrapModeUntilItIsLeft() {
        assertEquals(List.of(ACK, 0xf2, 0x12, ACK, ACK, 0), tellMouse(0xee, 0xf2, 0x12, 0xec, 0xf2));
    }

    // Hostile guests and whole device.

    @Test
    @DisplayName("a guest that never fetches answers gets the newest one, and nothing grows")
    void shouldBoundUnfetchedAnswers() {
        for (int i = 0; i < 10_000; i++) {
            data(0xf2);
            command(WRITE_MOUSE);
            data(0xeb);
            command(READ_CTR);
        }
        assertTrue(drain().size() <= 10);
        assertEquals(List.of(ACK, 0xab, 0x41), tellKeyboard(0xf2));
    }

    @Test
    void shouldSurviveEveryPairOfBytes() {
        for (int first = 0; first < 256; first++) {
            for (int second = 0; second < 256; second++) {
                command(first);
                data(second);
                command(WRITE_MOUSE);
                data(second);
                drain();
            }
        }
        controller.reset();
        assertEquals(0x65, ask(READ_CTR));
    }

    @Test
    void shouldForgetEverythingOnReset() {
        writeCtr(0x03);
        data(0xf2);
        controller.reset();
        assertFalse(keyboardIrq.level());
        assertEquals(List.of(), drain());
        assertEquals(0x65, ask(READ_CTR));
    }

    @Test
    void shouldCarryItsStateIntoAnotherMachine() {
        writeCtr(0x47);
        tellMouse(0xf3, 200, 0xf3, 100, 0xf3, 80);
        data(0xf2);
        command(WRITE_MOUSE);
        FakeIrqLine otherIrq = new FakeIrqLine();
        I8042 other = new I8042("i8042", otherIrq, new FakeIrqLine(), clock, machine);

        StateRoundTrip.copy(controller, other);

        assertTrue(otherIrq.level());
        out(other.data(), 0, 0xf2);
        List<Integer> read = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            read.add(in(other.data(), 0));
        }
        assertEquals(List.of(ACK, 0xab, 0x41, ACK, 3), read);
    }
}
