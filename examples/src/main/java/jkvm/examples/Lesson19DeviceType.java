package jkvm.examples;

import java.io.IOException;
import java.util.List;
import jkvm.app.Main;
import jkvm.device.testdev.IsaDebugExitType;
import jkvm.examples.power.PowerType;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.MachineConfig;

/**
 * Lesson 19: a device type of your own. Lesson 18 put a device on a bus by hand; here a whole machine does it. The
 * folder {@code power} holds the device and its entry for the registry of device types; adding the entry is one line.
 * From then on {@code -device} knows it, with its properties and their help, and so does {@link MachineConfig}. The
 * guest (power.S) has the device raise 3 to a power and ends the machine with what it reads.
 */
public final class Lesson19DeviceType {
    private static final int EXPONENT = 3;

    private Lesson19DeviceType() {
    }

    public static void main(String[] args) throws IOException {
        // The one line. In jkvm itself it would stand in DeviceTypes.
        DeviceTypes types = DeviceTypes.builtIn().with(PowerType.TYPE);

        // A command line that knows the device: it prints what there is to choose.
        Main.run(List.of("-device", "power,help"), types, System.out, System.err);

        // A machine with the device, made without a command line.
        MachineConfig config = MachineConfig.builder().kernel(GuestImage.file("power"))
                .device(DeviceConfig.of(PowerType.TYPE).with(PowerType.EXPONENT, EXPONENT))
                .device(DeviceConfig.of(IsaDebugExitType.TYPE).with(IsaDebugExitType.PORT, 0xf4)).build();
        MachineBuilder builder = new MachineBuilder(config, LessonAccelerator.open(args).syscalls(), chardev -> {
            throw new IllegalStateException("no device of this machine has a chardev");
        });
        try (Machine machine = builder.build()) {
            // isa-debug-exit ends the machine with status V * 2 + 1 where the guest writes V.
            System.out.println("the guest reads " + (machine.run().status() >> 1));
        }
    }
}
