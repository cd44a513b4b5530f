package jkvm.control.hmp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import jkvm.host.chardev.FakeChardev;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.MachineRun;
import jkvm.machine.TestConfigs;
import jkvm.machine.config.BootConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerator;

/** A paused machine of two vCPUs with a few bytes of real-mode code at 0x1000. */
final class RealModeGuest implements AutoCloseable {
    /** The guest's last instruction, a jump to itself. */
    static final int LAST = 0x100a;
    /** mov eax, 0x12345678; mov [0x2000], eax; jmp to itself. */
    private static final String CODE = "66b878563412 66a30020 ebfe";

    final Machine machine;
    private final MachineRun run;

    RealModeGuest(Accelerator kvm, Path folder) throws IOException {
        this(kvm, folder, TestConfigs.machine(2));
    }

    RealModeGuest(Accelerator kvm, Path folder, MachineConfig.Builder config) throws IOException {
        Path image = Files.write(folder.resolve("guest.bin"), HexFormat.of().parseHex(CODE.replace(" ", "")));
        machine = new MachineBuilder(config.cpus(2).loader(new BootConfig.Loader(Optional.of(image),
                OptionalLong.of(0x1000), OptionalInt.of(0), false)).build(), kvm.syscalls(), _ -> new FakeChardev())
                .build();
        machine.pause();
        run = new MachineRun(machine).start();
    }

    /** Lets the guest run until it has done all, and pauses it. */
    void finish() throws InterruptedException {
        machine.resume().join();
        MachineRun.await("the guest's last instruction",
                () -> machine.quiesced(() -> machine.debug().vcpus().getFirst().regs().rip()).join() == LAST);
        machine.pause().join();
    }

    @Override
    public void close() {
        run.close();
    }
}
