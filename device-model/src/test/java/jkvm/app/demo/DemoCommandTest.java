package jkvm.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import jkvm.linux.Errno;
import jkvm.linux.FaultySyscalls;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class DemoCommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TestFactory
    Stream<DynamicTest> shouldBootWhatItsSourceMakes() {
        return GuestImages.check("device-model", "src/main/guest/demo", "src/main/resources/jkvm/app/demo");
    }

    @Test
    void shouldRunOnTheKvmInJavaAndSaySoInOneLineWhereThereIsNoOther() {
        FaultySyscalls kernel = FaultySyscalls.over(new FfmSyscalls()).failNext(SyscallNumber.OPEN, Errno.ENOENT);

        int status = run(kernel);

        assertEquals(0, status, text(err));
        assertEquals("jkvm: using -accel soft: open /dev/kvm: ENOENT (no such file or directory);"
                + " jkvm doctor tells what would help\n", text(err));
        assertTrue(text(out).startsWith("A guest of ") && text(out).contains("on one vCPU of the KVM in Java"),
                text(out));
    }

    @Test
    void shouldRefuseArguments() {
        int status = DemoCommand.run(List.of("-fast"), new FfmSyscalls(), stream(out), stream(err));

        assertEquals(1, status);
        assertEquals("jkvm: demo takes -accel kvm or -accel soft only, not -fast\n", text(err));
    }

    private int run(Syscalls syscalls) {
        return DemoCommand.run(List.of(), syscalls, stream(out), stream(err));
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
