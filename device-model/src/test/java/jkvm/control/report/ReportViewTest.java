package jkvm.control.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.config.BootConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ReportViewTest {
    /** The guest executes zeros. */
    private static final MachineConfig CONFIG = MachineConfig.builder().memory(16 << 20).cpus(2)
            .loader(new BootConfig.Loader(Optional.empty(), OptionalLong.of(0x100000), OptionalInt.of(0), false))
            .build();

    @TempDir
    private Path folder;
    private final Accelerator soft = Accelerators.open("soft");
    private final ByteArrayOutputStream messages = new ByteArrayOutputStream();

    private ReportView view() {
        ReportView view = new ReportView(folder.resolve("report.html"), new PrintStream(messages, true));
        view.begins(CONFIG, soft);
        return view;
    }

    private Machine attached(ReportView view) {
        Machine machine = new MachineBuilder(CONFIG, soft.syscalls(), _ -> null).observer(view).build();
        view.attach(machine);
        return machine;
    }

    private ReportDocument page() throws Exception {
        return ReportDocument.read(folder.resolve("report.html"));
    }

    @Test
    void shouldTellPausesAndResetsInTheirOrder() throws Exception {
        try (ReportView view = view(); Machine machine = attached(view)) {
            Thread.ofPlatform().start(() -> {
                machine.pause().join();
                machine.resume().join();
                machine.reset().join();
                machine.quit();
            });
            view.ended(machine.run());
        }

        assertEquals(List.of(List.of("STOP", ""), List.of("RESUME", ""), List.of("RESET", "host-qmp-system-reset"),
                List.of("SHUTDOWN", "host-qmp-quit")),
                page().rows("events").stream().map(row -> row.subList(1, 3)).toList());
        String end = page().text("end");
        assertTrue(end.contains("vCPU 0") && end.contains("vCPU 1"), end);
        assertEquals("", messages.toString());
    }

    @Test
    void shouldSayThatARunWasBrokenOff() throws Exception {
        try (ReportView view = view(); Machine machine = attached(view)) {
            assertEquals(2, machine.debug().vcpus().size());
        }

        assertEquals("jkvm failed", page().fact("Ended"));
        assertTrue(page().all("pre").getFirst().getTextContent().startsWith("The run was broken off"));
    }

    @Test
    void shouldSayThatTheGuestExecutedTooLittleForSamples() throws Exception {
        try (ReportView view = view(); Machine machine = attached(view)) {
            view.inside(0);
            assertEquals(2, machine.debug().vcpus().size());
        }

        assertTrue(page().text("heat").contains("No sample was taken"), page().text("heat"));
        assertEquals(List.of(), page().rows("heat"));
    }

    @Test
    void shouldWriteNothingForAMachineThatWasNeverMade() {
        view().close();

        assertTrue(Files.notExists(folder.resolve("report.html")));
    }
}
