package jkvm.control.migrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import jkvm.json.JsonException;
import jkvm.linux.DescriptorPassing;
import jkvm.linux.Fd;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.machine.RunState;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The conversations of libvirt 9.0 with its emulator that save a guest, restore it and send it to another host. */
@OnEachKvm
@Timeout(60)
class LibvirtConversationTest {
    private static final String EVENTS = "{\"capabilities\": [{\"capability\": \"events\", \"state\": true}]}";
    private static final String RETURN_PATH = EVENTS.replace("events", "return-path");
    private static final String MIGRATE =
            "{\"detach\": true, \"blk\": false, \"inc\": false, \"uri\": \"fd:migrate\"}";
    private static final String SETUP = "MIGRATION {\"status\": \"setup\"}";
    private static final String COMPLETED = "MIGRATION {\"status\": \"completed\"}";
    private static final String EMPTY = "{}";

    @TempDir
    private Path folder;
    private final Syscalls kvm;

    LibvirtConversationTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    private static void expectDone(ManagerClient manager, String command, String arguments)
            throws JsonException {
        assertEquals(EMPTY, manager.ask(command, arguments).line(), command);
    }

    @Test
    void shouldSaveAndRestoreThroughADescriptor() throws Exception {
        String path = folder.resolve("save").toString();
        String serial;
        try (TravellingGuest guest = TravellingGuest.first(kvm, folder);
                ManagerClient manager = new ManagerClient(guest)) {
            var _ = guest.run.machine.pause();
            guest.start();
            expectDone(manager, "migrate-set-capabilities", EVENTS);
            expectDone(manager, "stop", EMPTY);
            expectDone(manager, "migrate-set-parameters", "{\"max-bandwidth\": 9223372036853727232}");
            Fd file = Fd.open(new FfmSyscalls(), path, Fd.O_RDWR | Fd.O_CREAT | Fd.O_TRUNC);
            assertEquals(EMPTY, manager.ask("getfd", "{\"fdname\": \"migrate\"}", file).line());
            file.close();
            manager.takeEvents();

            expectDone(manager, "migrate", MIGRATE);

            assertEquals(SETUP, manager.takeEvents().getFirst(), "before the answer");
            manager.await(COMPLETED);
            String progress = manager.ask("query-migrate", EMPTY).line();
            assertTrue(progress.contains("\"status\": \"completed\"") && progress.contains("\"ram\": {"), progress);
            serial = guest.serial.text();
        }
        try (TravellingGuest guest = TravellingGuest.waiting(kvm, folder)) {
            var _ = guest.run.machine.pause();
            guest.start();
            try (ManagerClient manager = new ManagerClient(guest)) {
                expectDone(manager, "migrate-set-capabilities", EVENTS);
                Fd file = Fd.open(new FfmSyscalls(), path, Fd.O_RDONLY);
                expectDone(manager, "migrate-incoming", "{\"uri\": \"fd:" + file.number() + "\"}");
                manager.await(COMPLETED);
                assertEquals(RunState.PRELAUNCH, guest.run.machine.runState());
                expectDone(manager, "cont", EMPTY);
                manager.await("RESUME");
                assertEquals(TravellingGuest.PASSED, guest.run.exit().status(), serial + guest.serial.text());
            }
        }
    }

    @Test
    void shouldGoToAnotherHostOverAConnectionThatLibvirtHasMade() throws Exception {
        List<Fd> connection = DescriptorPassing.pair(new FfmSyscalls());
        try (TravellingGuest source = TravellingGuest.first(kvm, folder);
                TravellingGuest target = TravellingGuest.waiting(kvm, folder)) {
            var _ = source.run.machine.pause();
            source.start();
            var _ = target.run.machine.pause();
            target.start();
            try (ManagerClient here = new ManagerClient(source); ManagerClient there = new ManagerClient(target)) {
                for (ManagerClient manager : List.of(here, there)) {
                    expectDone(manager, "migrate-set-capabilities", EVENTS);
                    expectDone(manager, "migrate-set-capabilities", RETURN_PATH);
                    assertTrue(manager.ask("query-migrate-parameters", EMPTY).line().contains("\"tls-creds\": \"\""));
                }
                expectDone(there, "migrate-incoming", "{\"uri\": \"fd:" + connection.getLast().number() + "\"}");
                assertEquals(EMPTY, here.ask("getfd", "{\"fdname\": \"migrate\"}", connection.getFirst()).line());
                connection.getFirst().close();

                expectDone(here, "migrate", MIGRATE);

                here.await(COMPLETED);
                there.await(COMPLETED);
                assertEquals(RunState.POSTMIGRATE, source.run.machine.runState());
                expectDone(there, "cont", EMPTY);
                assertEquals(TravellingGuest.PASSED, target.run.exit().status(), target.serial.text());
            }
        }
    }
}
