package jkvm.host.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jkvm.app.options.ErrorText;
import jkvm.linux.Errno;
import jkvm.linux.LinuxException;
import jkvm.linux.Syscalls;
import jkvm.work.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TapBackendTest {

    /** Starts a program in a network namespace that ends with it, so that the host's interfaces are not touched. */
    private static Process start(Class<?> program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("unshare", "-n", "timeout", "30",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), program.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private static List<String> probe(String... arguments) throws IOException, InterruptedException {
        assumeTrue(run("unshare", "-n", "ip", "tuntap", "add", "dev", "jkvmtest0", "mode", "tap") == 0,
                "no tap interface can be made in a namespace: needs root and /dev/net/tun");
        Process process = start(TapProbe.class, arguments);
        List<String> lines = process.inputReader().readAllLines();
        assertEquals(0, process.waitFor());
        return lines;
    }

    /** @param kind see {@link TapProbe#main} */
    private static List<String> probeBridged(int offloads, String kind) throws IOException, InterruptedException {
        assumeTrue(run("unshare", "-n", "ip", "link", "add", "jkvmtest0", "type", "veth", "peer", "name", "jkvmtest1")
                == 0 && run("unshare", "-n", "ip", "link", "add", "jkvmtest0", "type", "bridge") == 0,
                "no veth or bridge can be made in a namespace: needs root and a kernel that has them");
        assumeTrue(run("ethtool", "--version") == 0, "ethtool is not installed");
        Process peer = start(TapPeer.class);
        try (Writer _ = peer.outputWriter(); BufferedReader lines = peer.inputReader()) {
            return probe(Integer.toString(offloads), kind, lines.readLine(), lines.readLine());
        } finally {
            assertTrue(peer.waitFor(10, TimeUnit.SECONDS), "ends with its input");
        }
    }

    private static int run(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            return process.waitFor(10, TimeUnit.SECONDS) ? process.exitValue() : -1;
        } catch (IOException _) {
            return -1;
        }
    }

    @Test
    void shouldExchangeFinishedFramesWithTheKernel() throws IOException, InterruptedException {
        assertEquals(List.of("answer", "short", "same", "dropped 0"), probe("0", "direct"));
    }

    @Test
    void shouldExchangeFramesThatAreStillToBeCut() throws IOException, InterruptedException {
        assertEquals(List.of("answer", "long", "same", "dropped 0"),
                probe(Integer.toString(NetOffload.ALL), "direct"));
    }

    @Test
    void shouldReachAnotherNamespaceThroughABridge() throws IOException, InterruptedException {
        assertEquals(List.of("answer", "short", "same", "dropped 0"), probeBridged(0, "bridged"));
    }

    @Test
    void shouldReachAnotherNamespaceWithFramesThatAreStillToBeCut() throws IOException, InterruptedException {
        assertEquals(List.of("answer", "long", "same", "dropped 0"), probeBridged(NetOffload.ALL, "bridged"));
    }

    /** There the kernel itself segments the guest's frames, and the receiver checks each checksum. */
    @Test
    void shouldLeaveCuttingToAKernelThatCanSendFinishedFramesOnly() throws IOException, InterruptedException {
        assertEquals(List.of("answer", "short", "same", "dropped 0"), probeBridged(NetOffload.ALL, "finished"));
    }

    /** @param failing the first system call that fails, of opening the device and of attaching to the interface */
    private static String refusal(int failing, Errno errno, String name) {
        Syscalls refusing = new Syscalls() {
            private int calls;

            @Override
            public long call(long number, long a0, long a1, long a2, long a3, long a4, long a5) {
                return ++calls < failing ? 99 : -errno.code();
            }

            @Override
            public long installInterruptingSignal(int signal) {
                return 0;
            }
        };
        NetworkException e = assertThrows(NetworkException.class,
                () -> TapBackend.open(refusing, name, Workers.onThreads()));
        assertEquals(NetworkException.Kind.NO_TAP, e.kind());
        assertEquals(name, e.subject());
        assertEquals(errno, ((LinuxException) e.getCause()).errno());
        return ErrorText.of(e).orElseThrow();
    }

    @Test
    void shouldSayHowToMakeAnInterfaceThatIsNotPermitted() {
        assertEquals("-netdev tap: open /dev/net/tun: EACCES (permission denied); make the interface with"
                + " `ip tuntap add dev tap0 mode tap user USER` as root", refusal(1, Errno.EACCES, "tap0"));
        assertEquals("-netdev tap: TUNSETIFF: EPERM (operation not permitted); make the interface with"
                + " `ip tuntap add dev NAME mode tap user USER` as root, and name it with ifname=NAME",
                refusal(2, Errno.EPERM, ""));
    }

    @Test
    void shouldSayWhatToDoAboutAnInterfaceThatCannotBeHad() {
        assertTrue(refusal(1, Errno.ENOENT, "tap0").contains("`modprobe tun`"));
        assertTrue(refusal(2, Errno.EBUSY, "tap0").contains("TUNSETIFF tap0: EBUSY (device or resource busy);"
                + " another program has it"));
        assertTrue(refusal(2, Errno.EINVAL, "lo").contains("lo is no tap interface"));
    }
}
