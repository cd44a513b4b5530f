package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import jkvm.app.options.UsageException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabToolsTest {
    @TempDir
    private Path folder;
    private Path programs;

    @BeforeEach
    void makeProgramFolder() throws IOException {
        programs = Files.createDirectory(folder.resolve("bin"));
    }

    @Test
    void shouldSayHowToGetQemu() {
        assertEquals("jkvm lab needs qemu-system-x86_64, which is not on the PATH: apt-get install qemu-system-x86",
                prepareFailure());
    }

    @Test
    void shouldSayHowToGetBusybox() throws IOException {
        program("qemu-system-x86_64", "");
        assertEquals("jkvm lab needs busybox, which is not on the PATH: apt-get install busybox-static",
                prepareFailure());
    }

    @Test
    void shouldRefuseABusyboxThatNeedsLibraries() throws IOException {
        program("qemu-system-x86_64", "");
        program("busybox", "\0/lib64/ld-linux-x86-64.so.2\0");
        assertTrue(prepareFailure().endsWith("apt-get install busybox-static"));
    }

    @Test
    void shouldSayThatTheKernelNeedsApt() throws IOException {
        program("qemu-system-x86_64", "");
        program("busybox", "");
        assertEquals("jkvm lab needs apt-cache, which is not on the PATH: "
                + "the lab's kernel comes from Debian's packages", prepareFailure());
    }

    @Test
    void shouldTellAPanicAndItsFaultFromWhatAKernelSaysAfterThem() throws IOException {
        Path console = Files.writeString(folder.resolve("console.log"), """
                [    1.0] kvm: a warning
                [    2.0] BUG: unable to handle page fault for address: 0000000000001000
                [    2.1] Call Trace:
                [    2.2] Kernel panic - not syncing: Fatal exception in interrupt
                [    2.3] Kernel Offset: disabled
                """);
        assertEquals("[    2.0] BUG: unable to handle page fault for address: 0000000000001000; "
                + "[    2.2] Kernel panic - not syncing: Fatal exception in interrupt", LabTools.lastWords(console));
        Files.writeString(console, "[    1.0] first\n[    1.1] last\n");
        assertEquals("[    1.1] last", LabTools.lastWords(console));
    }

    @Test
    void shouldSayThatAptHasNoListOfPackages() throws IOException {
        program("qemu-system-x86_64", "");
        program("busybox", "");
        for (String name : List.of("apt-cache", "apt-get", "dpkg")) {
            program(name, "exit 0");
        }
        assertTrue(prepareFailure().startsWith("apt knows no linux-image-amd64: run apt-get update"));
    }

    @Test
    void shouldGiveAptsOwnReasonForADownloadThatFails() throws IOException {
        program("qemu-system-x86_64", "");
        program("busybox", "");
        program("apt-cache", "echo '  Depends: linux-image-6.1.0-1-amd64'");
        program("apt-get", "echo 'E: no network' >&2; exit 100");
        program("dpkg", "");
        String message = prepareFailure();
        assertTrue(message.endsWith("download linux-image-6.1.0-1-amd64` failed with status 100: E: no network"),
                message);
    }

    @Test
    void shouldNameAFolderThatCannotBeWritten() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        UsageException failure = assertThrows(UsageException.class,
                () -> new LabCache(file.resolve("lab")).exclusively(() -> 0));
        assertTrue(failure.getMessage().startsWith("cannot write to the lab's folder " + file + "/lab"));
    }

    @Test
    void shouldSayHowMuchSpaceIsMissing() {
        UsageException failure = assertThrows(UsageException.class,
                () -> new LabCache(folder).requireSpace(1L << 40, "a kernel"));
        assertTrue(failure.getMessage().matches(
                ".* has \\d+ MiB free and a kernel needs 1099511627776: make room there or set XDG_CACHE_HOME.*"));
    }

    @Test
    void shouldLetOneAtATimePrepare() throws InterruptedException {
        LabCache cache = new LabCache(folder.resolve("cache"));
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Thread> threads = IntStream.range(0, 3).mapToObj(i -> Thread.ofPlatform().start(() ->
                cache.exclusively(() -> {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    LockSupport.parkNanos(30_000_000);
                    return inside.decrementAndGet();
                }))).toList();
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(1, most.get());
        assertEquals(0, inside.get());
    }

    @Test
    void shouldKeepItsFilesInTheUsersCacheFolder() {
        assertEquals(Path.of("/c/jkvm/lab"), LabCache.ofUser(Map.of("XDG_CACHE_HOME", "/c")).folder());
        assertEquals(Path.of(System.getProperty("user.home"), ".cache/jkvm/lab"),
                LabCache.ofUser(Map.of("XDG_CACHE_HOME", "relative")).folder());
    }

    private void program(String name, String script) throws IOException {
        Path file = programs.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        assertTrue(file.toFile().setExecutable(true));
    }

    private String prepareFailure() {
        LabTools tools = new LabTools(programs.toString());
        LabCache cache = new LabCache(folder.resolve("cache"));
        return assertThrows(UsageException.class, () -> Lab.prepare(tools, cache, line -> { })).getMessage();
    }
}
