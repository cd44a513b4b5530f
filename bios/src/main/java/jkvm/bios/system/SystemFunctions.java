package jkvm.bios.system;

import jkvm.bios.BiosData;
import jkvm.bios.BiosHost;
import jkvm.bios.BiosRom;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.Ports;
import jkvm.bios.ServiceTable;

/** INT 11h and 12h, and the functions of INT 15h that are no wait, no memory and no mouse. */
final class SystemFunctions {
    private static final int A20 = 0x24;
    private static final int KEY_INTERCEPT = 0x4F;
    private static final int DEVICE_OPEN = 0x80;
    private static final int DEVICE_CLOSE = 0x81;
    private static final int PROGRAM_END = 0x82;
    private static final int SYSTEM_REQUEST_KEY = 0x85;
    private static final int DEVICE_BUSY = 0x90;
    private static final int DEVICE_READY = 0x91;
    private static final int CONFIGURATION = 0xC0;
    private static final int EXTENDED_AREA = 0xC1;

    /** Calls that programs with several tasks catch. */
    private static final int[] HOOKS =
            {DEVICE_OPEN, DEVICE_CLOSE, PROGRAM_END, SYSTEM_REQUEST_KEY, DEVICE_BUSY, DEVICE_READY};

    private static final int A20_CLOSE = 0;
    private static final int A20_OPEN = 1;
    private static final int A20_STATE = 2;
    private static final int A20_SUPPORT = 3;
    private static final int CONTROL_PORT = 0x92;
    private static final int A20_BIT = 0x02;
    private static final int RESET_BIT = 0x01;
    /** The gate can be switched by the keyboard controller and by port 92h. */
    private static final int BOTH_GATES = 3;

    private final Ports ports;
    private final boolean hasGate;

    SystemFunctions(BiosHost host) {
        ports = host.ports();
        hasGate = host.platform().keyboardController();
    }

    ServiceTable addTo(ServiceTable table) {
        ServiceTable all = table.with(Vectors.EQUIPMENT, SystemFunctions::equipment)
                .with(Vectors.MEMORY_SIZE, SystemFunctions::memorySize)
                .with(Vectors.SYSTEM, Status::unsupported)
                .with(Vectors.SYSTEM, A20, this::gate)
                .with(Vectors.SYSTEM, KEY_INTERCEPT, SystemFunctions::keepKey)
                .with(Vectors.SYSTEM, CONFIGURATION, SystemFunctions::configuration)
                .with(Vectors.SYSTEM, EXTENDED_AREA, SystemFunctions::extendedArea);
        for (int hook : HOOKS) {
            all = all.with(Vectors.SYSTEM, hook, Status::done);
        }
        return all;
    }

    private static Outcome equipment(Call call) {
        call.ax(call.data().readWord(BiosData.EQUIPMENT));
        return Outcome.DONE;
    }

    private static Outcome memorySize(Call call) {
        call.ax(call.data().readWord(BiosData.CONVENTIONAL_KIB));
        return Outcome.DONE;
    }

    /** For programs that take its place: the key stays as it is. */
    private static Outcome keepKey(Call call) {
        call.carry(true);
        return Outcome.DONE;
    }

    private static Outcome configuration(Call call) {
        call.es(BiosRom.SEGMENT);
        call.bx(BiosRom.CONFIGURATION_OFFSET);
        return Status.done(call);
    }

    private static Outcome extendedArea(Call call) {
        call.es(call.data().readWord(BiosData.EXTENDED_SEGMENT));
        call.carry(false);
        return Outcome.DONE;
    }

    /** The gate of a machine under KVM is open whatever its bit says. */
    private Outcome gate(Call call) {
        if (!hasGate) {
            return Status.unsupported(call);
        }
        int control = ports.in(CONTROL_PORT) & ~RESET_BIT;
        switch (call.al()) {
            case A20_CLOSE -> ports.out(CONTROL_PORT, control & ~A20_BIT);
            case A20_OPEN -> ports.out(CONTROL_PORT, control | A20_BIT);
            case A20_STATE -> call.al(control / A20_BIT & 1);
            case A20_SUPPORT -> call.bx(BOTH_GATES);
            default -> {
                return Status.unsupported(call);
            }
        }
        return Status.done(call);
    }
}
