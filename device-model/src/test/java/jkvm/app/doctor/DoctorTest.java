package jkvm.app.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import jkvm.abi.KvmCap;
import jkvm.guest.GuestImages;
import jkvm.json.StrictJson;
import jkvm.linux.Errno;
import jkvm.linux.FaultySyscalls;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;
import jkvm.soft.Accelerator;
import jkvm.vm.RequiresKvm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
    @TempDir
    private Path root;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    /** A kernel that refuses every call. */
    private record Refusing(Errno errno) implements Syscalls {
        @Override
        public long call(long number, long a0, long a1, long a2, long a3, long a4, long a5) {
            return -errno.code();
        }

        @Override
        public long installInterruptingSignal(int signal) {
            return -errno.code();
        }
    }

    @BeforeEach
    void makeHost() throws IOException {
        write("proc/cpuinfo", "processor\t: 0\nmodel name\t: Test CPU\nflags\t\t: fpu vmx sse\n");
        write("proc/sys/kernel/osrelease", "6.1.0-test\n");
        write("proc/self/cmdline",
                "java\0-XX:AOTCache=/x/jkvm.aot\0-p\0jars\0-m\0jkvm.devices/jkvm.app.Main\0doctor\0");
        write("proc/self/maps", "7f00-7f01 r--p 0 fe:00 1   /x/jkvm.aot\n");
    }

    @Test
    void shouldNameTheModuleToLoadWhenTheDeviceIsAbsent() {
        // when
        DoctorReport report = examine(Errno.ENOENT);

        // then
        assertFalse(report.canRunGuests());
        assertTrue(report.problem().contains("/dev/kvm: ENOENT"), report.problem());
        assertEquals("sudo modprobe kvm_intel", report.fix());
        assertTrue(report.host().vmx());
        assertFalse(report.host().svm());
        assertEquals("6.1.0-test", report.host().kernel());
    }

    @Test
    @DisplayName("a module that is built in or loaded, on a kernel that has registered no /dev/kvm, is not in force")
    void shouldTellAKernelWhoseKvmIsNotInForce() throws IOException {
        // given
        Files.createDirectories(root.resolve("sys/module/kvm_intel"));
        write("proc/misc", "200 tun\n");

        // when
        DoctorReport without = examine(Errno.ENOENT);
        write("proc/misc", "200 tun\n232 kvm\n");
        DoctorReport with = examine(Errno.ENOENT);

        // then
        assertEquals("sudo modprobe kvm_intel", without.fix());
        assertTrue(with.fix().startsWith("KVM is loaded"), with.fix());
    }

    @Test
    void shouldShowModeAndModulesOfTheHost() throws IOException {
        // given
        write("dev/kvm", "");
        Files.createDirectories(root.resolve("sys/module/kvm_intel"));
        Files.createDirectories(root.resolve("sys/module/kvm"));
        Files.createDirectories(root.resolve("sys/module/kvmgt"));

        // when
        DoctorReport report = examine(Errno.EACCES);

        // then
        assertTrue(report.device().present());
        assertTrue(report.device().mode().startsWith("rw"), report.device().mode());
        assertEquals(List.of("kvm", "kvm_intel"), report.host().modules());
    }

    @Test
    void shouldCallAnAotCacheInUseOnlyIfItIsMapped() throws IOException {
        // given a process that maps it, when, then
        assertEquals("/x/jkvm.aot", examine(Errno.ENOENT).java().aotCache());
        assertEquals(List.of("-XX:AOTCache=/x/jkvm.aot", "-p jars", "-m jkvm.devices/jkvm.app.Main"),
                examine(Errno.ENOENT).java().flags());

        // given one that does not, when, then
        write("proc/self/maps", "7f00-7f01 r--p 0 fe:00 1   /lib/classes.jsa\n");
        assertEquals("", examine(Errno.ENOENT).java().aotCache());
    }

    @Test
    void shouldReportOnAHostWithoutProc(@TempDir Path empty) {
        // when
        DoctorReport report = new Doctor(new Refusing(Errno.ENOENT), empty, "ann").examine();

        // then
        assertEquals("unknown", report.host().kernel());
        assertFalse(report.device().present());
        assertTrue(print(report, false).contains("Guests cannot run here"));
    }

    @Test
    void shouldExitWithOneAndWriteValidJsonWhenGuestsCannotRun() {
        // when
        int code = DoctorCommand.print(examine(Errno.ENOENT), true, stream(out));

        // then
        assertEquals(1, code);
        Map<?, ?> json = (Map<?, ?>) StrictJson.parse(out.toString(StandardCharsets.US_ASCII));
        assertEquals(false, json.get("guestsCanRun"));
        assertEquals("sudo modprobe kvm_intel", json.get("fix"));
        assertTrue(json.containsKey("capabilities"));
        assertNull(json.get("capabilities"));
    }

    @Test
    void shouldRefuseUnknownOptionsInOneLine() {
        // when
        int code = DoctorCommand.run(List.of("--xml"), stream(out), stream(err));

        // then
        assertEquals(1, code);
        assertEquals("", out.toString());
        assertEquals("jkvm: doctor: unknown option '--xml'; it takes --json or --conformance"
                + System.lineSeparator(),
                err.toString());
    }

    @Test
    @RequiresKvm("the report's /dev/kvm part")
    void shouldMeasureAGuestWhereKvmIsUsable() {
        // when
        DoctorReport report = new Doctor(new FfmSyscalls(), Path.of("/"), "ann").examine();

        // then
        assertNull(report.problem());
        assertEquals(12, report.kvm().version());
        assertEquals(KvmCap.values().length, report.kvm().capabilities().size());
        assertMeasured(report.speed());
        Map<?, ?> json = (Map<?, ?>) StrictJson.parse(print(report, true));
        assertEquals(true, json.get("guestsCanRun"));
        assertEquals(report.speed().isHardware(), ((Map<?, ?>) json.get("execution")).get("hardware"));
    }

    @Test
    void shouldMeasureTheKvmInJavaEverywhere() {
        // given a host without /dev/kvm
        FaultySyscalls kernel = FaultySyscalls.over(new FfmSyscalls()).failNext(SyscallNumber.OPEN, Errno.ENOENT);

        // when
        DoctorReport report = new Doctor(kernel, root, "ann").examine();

        // then
        assertTrue(report.canRunGuests(), report.soft().problem());
        assertEquals(Accelerator.Kind.SOFT, report.choice());
        assertMeasured(report.soft().speed());
        String text = print(report, false);
        assertTrue(text.contains("\n-accel soft"), text);
        assertTrue(text.contains("Guests can run here; without -accel, machines run on -accel soft.\n"
                + "/dev/kvm runs no guests: open /dev/kvm: ENOENT (no such file or directory)\n"
                + "What would help: sudo modprobe kvm_intel\n"), text);
        Map<?, ?> json = (Map<?, ?>) StrictJson.parse(print(report, true));
        assertEquals(true, json.get("guestsCanRun"));
        assertEquals("soft", json.get("defaultAccelerator"));
        assertEquals(List.of(false, true), ((List<?>) json.get("accelerators")).stream()
                .map(accelerator -> ((Map<?, ?>) accelerator).get("usable")).toList());
        assertEquals(0, DoctorCommand.print(report, true, stream(out)));
    }

    private static void assertMeasured(GuestSpeed speed) {
        assertTrue(speed.instructionsPerSecond() > 1000, speed.toString());
        assertTrue(speed.medianExitNanos() > 0 && speed.exits() > 0, speed.toString());
    }

    @Test
    void shouldTellHardwareFromEmulation() {
        assertTrue(new GuestSpeed(1.5e9, 1, 1, 1).isHardware());
        assertFalse(new GuestSpeed(0.5e6, 1, 1, 1).isHardware());
    }

    @TestFactory
    Stream<DynamicTest> shouldMatchTheirSources() {
        return GuestImages.check("device-model", "src/main/guest/doctor", "src/main/resources/jkvm/app/doctor");
    }

    private DoctorReport examine(Errno errno) {
        return new Doctor(new Refusing(errno), root, "ann").examine();
    }

    private String print(DoctorReport report, boolean json) {
        out.reset();
        DoctorCommand.print(report, json, stream(out));
        return out.toString();
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private void write(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }
}
