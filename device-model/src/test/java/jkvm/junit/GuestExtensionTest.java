package jkvm.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.concurrent.TimeoutException;
import jkvm.control.guest.Guest;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.guest.GuestImages;
import jkvm.machine.MachineState;
import jkvm.soft.Accelerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The guests that a test gets, as a test of another project would use them. */
@GuestTest
@Timeout(60)
class GuestExtensionTest {
    private final Guests guests;
    private final Accelerator kvm;

    GuestExtensionTest(Guests guests, Accelerator kvm) {
        this.guests = guests;
        this.kvm = kvm;
    }

    @AfterEach
    void shouldBeOnTheKvmOfTheRun() {
        assertEquals(kvm.kind(), guests.accelerator().kind());
    }

    @Test
    @Boots(kernel = "/jkvm/multiboot/power-button.bin")
    void shouldBootTheKernelThatIsBesideTheTest(Guest guest) {
        guest.awaitOutput("ready");
        guest.powerButton();
        assertEquals(0, guest.awaitEnd().status(), guest.output());
    }

    @Test
    @Boots(code = "b8 34 12 e6 f4 eb fe", memory = 3)
    void shouldRunAFewBytes(Guest guest) {
        assertEquals(0x34 << 1 | 1, guest.awaitEnd().status());
        assertEquals(0x1234, guest.registers(0).rax());
        assertEquals(3 << 20, guest.machine().memory().size());
    }

    @Test
    void shouldShowWhatTheGuestWroteToItsDisk() {
        byte[] blank = new byte[1 << 16];
        GuestDisk disk = guests.disk(blank);
        Guest guest = guests.start(Guests.machine(16)
                .kernel(GuestImages.folder("device-model", "src/test/resources/jkvm/multiboot").resolve("counted.bin"))
                .device(disk.virtio(5, VirtioBlockType.NON_TRANSITIONAL)));
        assertEquals(1, guest.awaitEnd().status(), guest.output());
        assertNotEquals(0, Arrays.mismatch(disk.content(), blank) + 1, "nothing was written");
    }

    @Test
    @Boots(code = "bb 34 12 b0 41 ba f8 03 ee eb fe")
    void shouldShowTheGuestOfATestThatFailsOrHangs(Guest guest) {
        guest.awaitOutput("A");
        Throwable hung = guests.explain(new TimeoutException("the test took too long"));
        assertInstanceOf(AssertionError.class, hung);
        assertTrue(hung.getMessage().startsWith("the test took too long\nthe guest is RUNNING\n"), hung.getMessage());
        assertTrue(hung.getMessage().contains("EBX=00001234"), hung.getMessage());
        assertTrue(hung.getMessage().endsWith("serial0, all output:\nA\n"), hung.getMessage());
        AssertionError failure = new AssertionError("1 is not 2");
        assertSame(failure, guests.explain(failure));
        assertTrue(failure.getSuppressed()[0].getMessage().contains("EBX=00001234"));
        assertEquals(MachineState.RUNNING, guest.state());
    }
}
