package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import jkvm.control.guest.Guest;
import jkvm.device.board.UsbType;
import jkvm.device.usb.hid.HidType;
import jkvm.device.usb.xhci.XhciType;
import jkvm.host.input.Button;
import jkvm.host.input.InputEvent;
import jkvm.host.input.InputHub;
import jkvm.host.input.Key;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerators;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's kernel finds a keyboard, a mouse and a tablet on the xHCI controller, and hears of what a user does. */
@BootsGuests
class UsbGuestTest {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    /** Events of evdev: 24 bytes each; of those as words of 16 bits the last four are type, code and value. */
    private static final String SCRIPT = """
            until [ $(grep -l . /sys/bus/usb/devices/*/product 2>/dev/null | wc -l) -ge 5 ]; do usleep 50000; done
            until [ -e /dev/input/event3 ]; do usleep 50000; done
            for d in /sys/bus/usb/devices/*; do
                [ -e $d/product ] && echo "== usb $(cat $d/speed $d/idVendor $d/product | tr '\\n' ' ')end"
            done
            for e in /sys/class/input/event*; do
                case $(cat $e/device/name) in
                *Tablet*) t=${e##*/};;
                *USB\\ Key*) k=${e##*/};;
                *USB\\ Mouse*) m=${e##*/};;
                esac
            done
            events() {
                while :; do
                    set -- $1 $2 $(dd bs=24 count=1 2>/dev/null | od -An -v -tu2 -w24)
                    echo "== $2 ${11} ${12} ${13} end"
                done </dev/input/$1 &
            }
            events $t tablet
            events $k key
            events $m mouse
            sleep 1
            echo == ready
            read line
            grep xhci /proc/interrupts | head -1
            dmesg | grep -iE 'BUG:|Oops|Call Trace|xhci.*(error|warn|died)'
            echo == done
            poweroff -f
            """;

    @TempDir
    private Path folder;

    @Test
    void shouldTellTheGuestKeysAndPlaces() throws Exception {
        LabKernel kernel = LabKernel.generic(System.err::println);
        Path initramfs = Files.write(folder.resolve("initramfs.gz"), GuestInitramfs.script(new KernelModules(kernel),
                List.of("xhci_pci", "usbhid", "hid_generic", "evdev"), SCRIPT));
        MachineConfig config = MachineConfig.builder().memory(256 << 20).kernel(kernel.image())
                .initrds(List.of(initramfs.toString())).commandLine("console=ttyS0 quiet").console()
                .device(DeviceConfig.of(XhciType.TYPE).withId("usb"))
                .device(DeviceConfig.of(HidType.TABLET).with(UsbType.BUS, "usb.0").with(UsbType.PORT, 3))
                .device(DeviceConfig.of(HidType.KEYBOARD)).device(DeviceConfig.of(HidType.MOUSE)).build();
        try (Guest guest = Guest.builder(config).accelerator(Accelerators.open("soft")).build()) {
            guest.start();
            String start = guest.awaitOutput("== ready", PATIENCE);
            for (String product : List.of("Tablet", "Keyboard", "Mouse")) {
                assertTrue(start.contains("== usb 480 0627 QEMU USB " + product + " end"), start);
            }
            use(guest, guest.machine().input());
            guest.type("\n");
            String end = guest.awaitOutput("== done", PATIENCE);
            assertFalse(Pattern.compile("BUG:|Oops|Call Trace|died").matcher(end).find(), end);
            assertEquals(0, guest.awaitEnd(PATIENCE).status(), guest.output());
        }
    }

    /** Event types: 1 is a key, 2 a motion, 3 a place. */
    private static void use(Guest guest, InputHub input) {
        input.send(new InputEvent.Stroke(Key.A, true));
        await(guest, "key 1 30 1");
        input.send(new InputEvent.Stroke(Key.A, false));
        await(guest, "key 1 30 0");
        input.send(new InputEvent.Stroke(Key.CTRL_R, true));
        await(guest, "key 1 97 1");
        input.send(new InputEvent.Stroke(Key.CTRL_R, false));
        await(guest, "key 1 97 0");
        input.pointers().stream().filter(plug -> plug.name().endsWith("HID Mouse")).findFirst().orElseThrow()
                .activate();
        input.send(new InputEvent.Relative(300, -5));
        await(guest, "mouse 2 0 127");
        await(guest, "mouse 2 1 65531");
        await(guest, "mouse 2 0 46");
        input.pointers().stream().filter(InputHub.Plug::isAbsolute).findFirst().orElseThrow().activate();
        input.send(new InputEvent.Absolute(12345, 32767));
        await(guest, "tablet 3 0 12345");
        await(guest, "tablet 3 1 32767");
        input.send(new InputEvent.Press(Button.RIGHT, true));
        await(guest, "tablet 1 273 1");
        input.send(new InputEvent.Wheel(1));
        await(guest, "tablet 2 8 65535");
    }

    private static void await(Guest guest, String event) {
        guest.awaitOutput("== " + event + " end", PATIENCE);
    }
}
