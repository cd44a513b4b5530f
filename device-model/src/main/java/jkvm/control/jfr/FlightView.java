package jkvm.control.jfr;

import java.util.List;
import java.util.Optional;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jkvm.bus.IoHandler;
import jkvm.control.trace.RunView;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.MachineEvent;
import jkvm.machine.MachineListener;
import jkvm.machine.MachineState;
import jkvm.vm.ExitHandler;
import jkvm.vm.Vcpu;

/** Tells a machine's run as events. */
final class FlightView implements RunView {
    /** Known from the start, so that a recording names those that did not happen too. */
    private static final List<Class<? extends Event>> EVENTS = List.of(ExitEvent.class, AccessEvent.class,
            VirtqueueEvent.class, DiskEvent.class, PacketEvent.class, InterruptEvent.class, StateEvent.class,
            LifeEvent.class);

    private final Optional<FlightRecording> recording;
    private final LastWord lastWord = new LastWord();

    FlightView(Optional<FlightRecording> recording) {
        this.recording = recording;
    }

    @Override
    public void prepare(MachineBuilder builder) {
        builder.deviceObserver(new FlightDevices());
    }

    @Override
    public ExitHandler observe(Vcpu vcpu, ExitHandler handler) {
        return new TimedExits(handler);
    }

    @Override
    public IoHandler around(IoHandler handler, String owner, long start) {
        return new TimedRegisters(handler, owner, start);
    }

    @Override
    public void attach(Machine machine) {
        EVENTS.forEach(FlightRecorder::register);
        tell(null, machine.state());
        lastWord.begin();
        machine.addListener(new MachineListener() {
            @Override
            public void happened(MachineEvent event) {
                LifeEvent told = new LifeEvent();
                told.event = event.type().name();
                told.cause = event.cause() == null ? null : event.cause().text();
                told.commit();
                if (event.type() == MachineEvent.Type.SHUTDOWN) {
                    lastWord.said();
                }
            }

            @Override
            public void changed(MachineState before, MachineState now) {
                tell(before, now);
            }
        });
    }

    private static void tell(MachineState before, MachineState now) {
        StateEvent event = new StateEvent();
        event.before = before == null ? null : before.name();
        event.state = now.name();
        event.commit();
    }

    @Override
    public void close() {
        lastWord.close();
        recording.ifPresent(FlightRecording::close);
    }
}
