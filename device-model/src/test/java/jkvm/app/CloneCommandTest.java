package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jkvm.app.options.QemuOptions;
import jkvm.control.guest.Guest;
import jkvm.control.migrate.Migration;
import jkvm.control.migrate.MigrationStatus;
import jkvm.machine.MachineRun;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.MachineConfig;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code jkvm clone}, on the KVM in Java. */
@Timeout(60)
class CloneCommandTest {
    /** Prints ?, waits for a key, prints that, and ends the machine with it. */
    private static final String ECHO = "ba f8 03 b0 3f ee" + "ba fd 03 ec a8 01 74 fb ba f8 03 ec ee e6 f4 f4";
    private static final int STATUS_OF_Y = ('y' << 1 | 1) & 0xFF;

    @TempDir
    private Path folder;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private List<String> options;
    private Path state;

    @BeforeEach
    void saveAGuest() throws Exception {
        Path image = Files.write(folder.resolve("echo"), HexFormat.of().parseHex(ECHO.replace(" ", "")));
        options = List.of("-nodefaults", "-display", "none", "-accel", "soft", "-m", "2", "-name", "echo", "-serial",
                "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-device", "vmgenid", "-device",
                "loader,addr=0x1000,cpu-num=0,force-raw=on,file=" + image);
        state = folder.resolve("state");
        MachineConfig config = QemuOptions.read(options, DeviceTypes.builtIn()).machine().machine();
        try (Guest guest = Guest.of(config)) {
            guest.start().awaitOutput("?");
            guest.machine().save(state).join();
        }
    }

    private int run(String... words) {
        return Main.run(List.of(words), print(out), print(err));
    }

    private static PrintStream print(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    @Test
    void shouldRunClonesWithConsolesOfTheirOwnAndTellOfEach() throws Exception {
        List<String> words = new ArrayList<>(List.of("clone", state.toString(), "-n", "2", "-folder",
                folder.toString(), "--"));
        words.addAll(options);
        CompletableFuture<Integer> status = CompletableFuture.supplyAsync(() -> run(words.toArray(String[]::new)));

        MachineRun.await("both clones", () -> out.toString(StandardCharsets.UTF_8).lines().count() == 2);
        assertEquals("y", typed("clone-2.sock"));
        assertEquals("y", typed("clone-1.sock"));

        assertEquals(STATUS_OF_Y, status.get(20, TimeUnit.SECONDS), err::toString);
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals(2, lines.size(), lines::toString);
        assertTrue(lines.getFirst().matches("clone 1: echo-1 UUID \\S{36} console .*/clone-1.sock"), lines.getFirst());
        assertEquals(2, new HashSet<>(lines.stream().map(line -> line.split(" ")[4]).toList()).size());
    }

    @Test
    void shouldStartClonesOfAMachineThatWasSentToAFile() throws Exception {
        Path sent = folder.resolve("sent");
        MachineConfig config = QemuOptions.read(options, DeviceTypes.builtIn()).machine().machine();
        try (Guest guest = Guest.of(config); Migration migration = new Migration(guest.machine())) {
            guest.start().awaitOutput("?");
            migration.start("file:" + sent);
            MachineRun.await("the end of the migration", () -> !migration.progress().status().isUnderWay());
            assertEquals(MigrationStatus.COMPLETED, migration.progress().status());
        }
        List<String> words = new ArrayList<>(List.of("clone", sent.toString(), "-folder", folder.toString(), "--"));
        words.addAll(options);

        CompletableFuture<Integer> status = CompletableFuture.supplyAsync(() -> run(words.toArray(String[]::new)));
        MachineRun.await("the clone", () -> out.toString(StandardCharsets.UTF_8).lines().count() == 1
                || status.isDone());

        assertEquals("y", typed("clone-1.sock"));
        assertEquals(STATUS_OF_Y, status.get(20, TimeUnit.SECONDS), err::toString);
    }

    /** Types y at a console and reads the answer. */
    private String typed(String socket) throws IOException {
        Path path = folder.resolve(socket);
        try (SocketChannel console = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            console.connect(UnixDomainSocketAddress.of(path));
            console.write(ByteBuffer.wrap(new byte[] {'y'}));
            ByteBuffer answer = ByteBuffer.allocate(1);
            assertEquals(1, console.read(answer));
            return new String(answer.array(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void shouldRefuseAMachineThatIsNotTheSavedOneInOneLine() {
        List<String> words = new ArrayList<>(List.of("clone", state.toString(), "--"));
        words.addAll(options);
        words.addAll(List.of("-smp", "2"));

        assertEquals(1, run(words.toArray(String[]::new)));

        String line = err.toString(StandardCharsets.UTF_8);
        assertTrue(line.startsWith("jkvm: clone: " + state + ": the state is of a machine with CPUs"), line);
        assertEquals(1, line.lines().count(), line);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "clone                      | give it the file of a saved state",
        "clone STATE                | give it the file of a saved state",
        "clone STATE -n 0 --        | clone: -n 0: must be a number from 1 to 10000",
        "clone STATE -n x --        | clone: -n x: must be a number",
        "clone STATE -m 3 --        | unknown option -m",
        "clone STATE -folder no --  | clone: -folder no: there is no such folder",
        "clone NONE -- -m 2         | cannot read the machine's state from",
        "clone STATE -- -qmp stdio  | clone: clones have no -monitor, -qmp, -vnc and -gdb",
        "clone STATE -- -M x        | -M x: unsupported machine type",
    })
    void shouldRefuseInOneLine(String words, String says) {
        assertNotEquals(0, run(words.replace("STATE", state.toString()).replace("NONE", folder + "/none")
                .split(" ")));

        String line = err.toString(StandardCharsets.UTF_8);
        assertTrue(line.contains(says), line);
        assertEquals(1, line.lines().count(), line);
    }
}
