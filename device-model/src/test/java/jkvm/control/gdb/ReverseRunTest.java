package jkvm.control.gdb;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import jkvm.guest.GuestImages;
import jkvm.host.chardev.FakeChardev;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.CountedRun;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.MachineRun;
import jkvm.machine.ReplayHistory;
import jkvm.machine.TestConfigs;
import jkvm.machine.config.CountingConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;
import jkvm.work.InstructionClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ReverseRunTest {
    @TempDir
    private Path folder;

    private static MachineConfig guest(CountingConfig.Log log) {
        return TestConfigs.machine(16).counting(new CountingConfig(2, false, false, log))
                .accelerators(List.of(Accelerator.Kind.SOFT))
                .kernel(GuestImages.folder("device-model", "src/test/resources/jkvm/multiboot").resolve("poweroff.bin"))
                .build();
    }

    @Test
    void shouldAbandonTheWayBackWhenTheMachineHasEnded() throws Exception {
        CountedRun.of(guest(new CountingConfig.Recording(folder.resolve("log"))));
        MachineConfig config = guest(new CountingConfig.Replay(folder.resolve("log")));
        InstructionClock clock = config.time().newClock().orElseThrow();
        MachineBuilder builder = new MachineBuilder(config, Accelerators.open(config.host().accelerators(),
                new FfmSyscalls(), config.softOptions(clock)).syscalls(), _ -> new FakeChardev()).clock(clock);
        try (Machine machine = builder.build()) {
            ReplayHistory history = machine.debug().history().orElseThrow();
            ReverseRun back = new ReverseRun(history, new Breakpoints(machine.debug()), new DebugStops(machine));
            history.begin();

            new MachineRun(machine).start().exit();

            assertTrue(history.count() > history.first());
            assertThrows(ReverseRun.Abandoned.class, back::step);
        }
    }
}
