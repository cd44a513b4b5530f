package jkvm.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jkvm.bus.ConfigurationException;
import jkvm.linux.Errno;
import jkvm.linux.Syscalls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TapBackendTest {

    /** In a network namespace that ends with the process, so the host's interfaces are not touched. */
    private static List<String> probe(int offloads) throws IOException, InterruptedException {
        assumeTrue(run("unshare", "-n", "ip", "tuntap", "add", "dev", "jkvmtest0", "mode", "tap") == 0,
                "no tap interface can be made in a namespace: needs root and /dev/net/tun");
        Process process = new ProcessBuilder("unshare", "-n", "timeout", "30",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), TapProbe.class.getName(), Integer.toString(offloads))
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        List<String> lines = process.inputReader().readAllLines();
        assertEquals(0, process.waitFor());
        return lines;
    }

    private static int run(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            return process.waitFor(10, TimeUnit.SECONDS) ? process.exitValue() : -1;
        } catch (IOException missing) {
            return -1;
        }
    }

    @Test
    void shouldExchangeFinishedFramesWithTheKernel() throws IOException, InterruptedException {
        assertEquals(List.of("short", "same"), probe(0));
    }

    @Test
    void shouldExchangeFramesThatAreStillToBeCut() throws IOException, InterruptedException {
        assertEquals(List.of("long", "same"), probe(NetOffload.ALL));
    }

    @Test
    void shouldSayHowToMakeAnInterfaceThatIsNotPermitted() {
        Syscalls refusing = new Syscalls() {
            @Override
            public long call(long number, long a0, long a1, long a2, long a3, long a4, long a5) {
                return -Errno.EACCES.code();
            }

            @Override
            public long installInterruptingSignal(int signal) {
                return 0;
            }
        };
        String message = assertThrows(ConfigurationException.class, () -> TapBackend.open(refusing, "tap0"))
                .getMessage();
        assertTrue(message.contains("/dev/net/tun") && message.contains("ip tuntap add"), message);
    }
}
