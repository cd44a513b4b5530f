package jkvm.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmExit;
import jkvm.boot.EntryStates;
import jkvm.boot.StartRegisters;
import jkvm.bus.AddressRange;
import jkvm.bus.AddressSpace;
import jkvm.linux.EventFd;
import jkvm.linux.Syscalls;
import jkvm.machine.run.ExitDispatcher;
import jkvm.machine.run.ExitEvents;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;
import jkvm.vm.CoalescedRing;
import jkvm.vm.Doorbell;
import jkvm.vm.Kvm;
import jkvm.vm.KvmLayout;
import jkvm.vm.Vcpu;
import jkvm.vm.Vm;

/** A guest that leaves in one way for ever, and a PC's devices. One thread. */
final class ExitGuest implements AutoCloseable {
    private static final int MEMORY_SIZE = 0x10000;
    private static final int CODE = 0x1000;
    private static final int STACK = 0x8000;
    private static final int BELL_PORT = 0x500;
    private static final int COALESCED_PORT = 0x600;
    private static final int DEVICE_MEMORY = 0x20000;
    private static final int MEMORY_BELL = DEVICE_MEMORY + 0x500;
    private static final int IRQ = 5;
    /** KVM_HC_MAP_GPA_RANGE as a bit. */
    private static final int EXITING_HYPERCALLS = 1 << 12;

    private final Kvm kvm;
    private final Vm vm;
    private final Vcpu vcpu;
    private final CountingDevice device = new CountingDevice();
    private final ExitDispatcher dispatcher;
    private final List<EventFd> events = new ArrayList<>();
    private final Runnable before;
    private final Runnable after;
    private long others;
    private int lastReason;

    /** @throws jkvm.linux.LinuxException if this KVM cannot be used or cannot do it */
    ExitGuest(Syscalls syscalls, ExitKind kind) {
        kvm = Kvm.open(syscalls);
        vm = kvm.createVm();
        GuestMemory memory = MemoryBacking.ANONYMOUS.allocate(syscalls, vm.arena(), MEMORY_SIZE);
        memory.write(CODE, image());
        vm.setMemory(memory);
        vm.setTssAddress(KvmLayout.TSS_ADDRESS);
        if (kind.hasIrqchip()) {
            vm.createIrqchip();
        }
        if (kind == ExitKind.HYPERCALL_EXIT) {
            vm.enableCapability(KvmCap.EXIT_HYPERCALL, EXITING_HYPERCALLS);
        }
        vcpu = vm.createVcpu(0);
        EntryStates.realMode(0, CODE + kind.offset(), new StartRegisters(0, 0, PcPorts.DEVICE_PORT, 0, STACK))
                .apply(vcpu);
        AddressSpace devices = new AddressSpace("memory");
        devices.add(new AddressRange(DEVICE_MEMORY, Long.BYTES), device);
        dispatcher = new ExitDispatcher(PcPorts.with(device), devices, new Counter());
        if (kind == ExitKind.INTERRUPT) {
            // To where the handler is in place.
            exit(vcpu.run());
        }
        before = before(kind);
        after = after(kind);
    }

    private Runnable before(ExitKind kind) {
        return switch (kind) {
            case INTERRUPT -> {
                EventFd event = event();
                vm.interrupts().addIrqfd(event, IRQ);
                yield event::signal;
            }
            case IMMEDIATE_EXIT -> vcpu::interrupt;
            case PORT_EVENT -> {
                vm.ioEvents().add(event(), Doorbell.port(BELL_PORT, 1));
                yield ExitGuest::nothing;
            }
            case MEMORY_EVENT -> {
                vm.ioEvents().add(event(), Doorbell.memory(MEMORY_BELL, Integer.BYTES));
                yield ExitGuest::nothing;
            }
            default -> ExitGuest::nothing;
        };
    }

    private Runnable after(ExitKind kind) {
        if (kind != ExitKind.COALESCED) {
            return ExitGuest::nothing;
        }
        vm.ioEvents().coalescePorts(COALESCED_PORT, 1);
        CoalescedRing ring = vm.ioEvents().coalescedRing(vcpu);
        CoalescedRing.Reader reader = (_, _, _, _) -> others++;
        return () -> ring.drain(reader);
    }

    private static void nothing() {
        // Of most kinds.
    }

    private EventFd event() {
        EventFd event = EventFd.nonBlocking(vm.syscalls());
        events.add(event);
        return event;
    }

    /** Counts what goes to no device, and continues the guest. */
    private final class Counter implements ExitEvents {
        @Override
        public boolean halted(Vcpu vcpu) {
            others++;
            return true;
        }

        @Override
        public boolean shutdown(Vcpu vcpu) {
            return false;
        }

        @Override
        public boolean systemEvent(Vcpu vcpu) {
            return false;
        }

        @Override
        public boolean unhandled(Vcpu vcpu, int reason) {
            others++;
            return reason == KvmExit.HYPERCALL;
        }

        @Override
        public void failed(Vcpu vcpu, RuntimeException cause) {
            throw cause;
        }
    }

    private static byte[] image() {
        try (InputStream in = ExitGuest.class.getResourceAsStream("exits.bin")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One lap of the run loop: into the guest and out again, to the device. */
    void step() {
        before.run();
        exit(vcpu.run());
        after.run();
    }

    private void exit(int reason) {
        lastReason = reason;
        if (reason < 0) {
            vcpu.clearInterrupt();
            others++;
        } else {
            dispatch();
        }
    }

    /** Takes the last exit to its device once more: what KVM has written for it is still there. */
    void dispatch() {
        if (!dispatcher.handle(vcpu, lastReason)) {
            throw new IllegalStateException("unexpected exit " + lastReason);
        }
    }

    /** Writes that the device has seen. */
    long writes() {
        return device.writes();
    }

    /** Halts, hypercalls, interrupted runs and collected writes. */
    long others() {
        return others;
    }

    /** Signals of eventfds that nobody has taken yet. */
    long takeSignals() {
        return events.stream().mapToLong(EventFd::await).sum();
    }

    @Override
    public void close() {
        vm.close();
        kvm.close();
        events.forEach(EventFd::close);
    }
}
