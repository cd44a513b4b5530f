package jkvm.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import jkvm.boot.EntryStates;
import jkvm.boot.StartRegisters;
import jkvm.bus.AddressSpace;
import jkvm.linux.Syscalls;
import jkvm.machine.run.ExitDispatcher;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;
import jkvm.vm.Kvm;
import jkvm.vm.KvmLayout;
import jkvm.vm.Vcpu;
import jkvm.vm.Vm;

/** A guest that writes to one port for ever, and a PC's ports with a device there that counts. One thread. */
public final class PioGuest implements AutoCloseable {
    private static final int MEMORY_SIZE = 0x10000;
    private static final int CODE = 0x1000;

    private final Kvm kvm;
    private final Vm vm;
    private final Vcpu vcpu;
    private final CountingDevice device = new CountingDevice();
    private final ExitDispatcher dispatcher;

    /** @throws jkvm.linux.LinuxException if {@code /dev/kvm} cannot be used */
    public PioGuest(Syscalls syscalls) {
        kvm = Kvm.open(syscalls);
        vm = kvm.createVm();
        GuestMemory memory = MemoryBacking.ANONYMOUS.allocate(syscalls, vm.arena(), MEMORY_SIZE);
        memory.write(CODE, image());
        vm.setMemory(memory);
        vm.setTssAddress(KvmLayout.TSS_ADDRESS);
        vcpu = vm.createVcpu(0);
        EntryStates.realMode(0, CODE, new StartRegisters(0, 0, PcPorts.DEVICE_PORT, 0, 0)).apply(vcpu);
        dispatcher = new ExitDispatcher(PcPorts.with(device), new AddressSpace("memory"), new UnexpectedExit());
    }

    private static byte[] image() {
        try (InputStream in = PioGuest.class.getResourceAsStream("pio_loop.bin")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One lap of the run loop: into the guest, out with its port write, to the device. */
    public void exit() {
        int reason = vcpu.run();
        if (reason < 0) {
            vcpu.clearInterrupt();
        } else if (!dispatcher.handle(vcpu, reason)) {
            throw new IllegalStateException("unexpected exit " + reason);
        }
    }

    /** Writes that the device has seen. */
    public long writes() {
        return device.writes();
    }

    @Override
    public void close() {
        vm.close();
        kvm.close();
    }
}
