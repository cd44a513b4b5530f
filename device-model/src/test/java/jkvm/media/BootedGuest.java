package jkvm.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jkvm.app.options.QemuOptions;
import jkvm.control.guest.Guest;
import jkvm.host.display.TextScreen;
import jkvm.junit.Guests;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.config.DeviceTypes;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;

/** A machine of QEMU's options that boots from its media, with its serial port and its screen. */
public final class BootedGuest {
    /** The status of a machine that {@code hello} or {@code sector} has ended. */
    public static final int STATUS = 0x15 << 1 | 1;
    private static final List<String> COMMON = List.of("-serial", "stdio", "-monitor", "none", "-display", "none",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=4");
    private static final long POLL_MILLIS = 20;

    private final Guest guest;
    private final Duration patience;

    private BootedGuest(Guest guest, Duration patience) {
        this.guest = guest;
        this.patience = patience;
    }

    /** Skips the test on an accelerator that is too slow for boot loaders; a test with a costly image asks first. */
    public static void requireSpeed(Guests guests) {
        assumeTrue(guests.accelerator().kind() == Accelerator.Kind.SOFT
                || Accelerators.openFastest(new FfmSyscalls()).kind() == Accelerator.Kind.KVM,
                "/dev/kvm emulates each instruction here");
    }

    /**
     * Starts a machine. The test is skipped on a {@code /dev/kvm} that emulates each instruction: boot loaders take
     * minutes there.
     *
     * @param patience of each wait
     * @param words    of the command line
     */
    public static BootedGuest start(Guests guests, Bios bios, Duration patience, String... words) {
        requireSpeed(guests);
        List<String> line = new ArrayList<>(COMMON);
        line.addAll(bios.words());
        line.addAll(List.of(words));
        Guest guest = guests.build(QemuOptions.parse(line, DeviceTypes.builtIn()).machine());
        return new BootedGuest(guest.start(), patience);
    }

    /** The machine. */
    public Guest guest() {
        return guest;
    }

    /** Waits for a text on the serial port, after the one before. */
    public String awaitSerial(String text) {
        return guest.awaitOutput(text, patience);
    }

    /** Types at the serial port. */
    public void type(String text) {
        guest.type(text);
    }

    /** Waits until the screen shows a text. */
    public void awaitScreen(String text) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!screen().contains(text)) {
            if (System.nanoTime() > end || guest.exit().isPresent()) {
                throw new AssertionError("\"%s\" is not on the screen:%n%s%s".formatted(text, screen(),
                        guest.report()));
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    /** The text on the screen; empty in graphics. */
    public String screen() {
        return guest.machine().display().flatMap(hub -> hub.text().map(TextScreen::string)).orElse("");
    }

    /** Waits until the guest has ended the machine with {@link #STATUS}. */
    public void awaitEnd() {
        awaitEnd(STATUS);
    }

    /** Waits until the machine has ended with this status. */
    public void awaitEnd(int status) {
        assertEquals(status, guest.awaitEnd(patience).status(), guest::output);
    }
}
