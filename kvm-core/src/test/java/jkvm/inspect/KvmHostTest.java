package jkvm.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import jkvm.linux.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KvmHostTest {
    @TempDir
    private Path root;

    private static String advice(Errno errno, KvmHost host) {
        return host.advice(errno, "ann");
    }

    private static KvmHost without(boolean vmx, boolean svm, boolean inForce) {
        return new KvmHost(vmx, svm, inForce, "", "");
    }

    private static KvmHost with(String group, String mode) {
        return new KvmHost(true, false, true, group, mode);
    }

    @Test
    void shouldNameTheModuleToLoadWhereThereIsNoDevice() {
        assertEquals("sudo modprobe kvm_intel", advice(Errno.ENOENT, without(true, false, false)));
        assertEquals("sudo modprobe kvm_amd", advice(Errno.ENODEV, without(false, true, false)));
        assertTrue(advice(Errno.ENOENT, without(false, true, true)).contains("--device /dev/kvm"));
        assertTrue(advice(Errno.ENOENT, without(false, false, false)).contains("jkvm lab"));
    }

    @Test
    void shouldNameTheCommandThatGivesPermission() {
        assertEquals("sudo usermod -aG kvm ann, then log in again", advice(Errno.EACCES, with("kvm", "rw-rw----")));
        assertEquals("sudo setfacl -m u:ann:rw /dev/kvm", advice(Errno.EACCES, with("kvm", "rw-------")));
        assertEquals("sudo setfacl -m u:ann:rw /dev/kvm", advice(Errno.EACCES, with("root", "rw-rw----")));
    }

    @Test
    void shouldReadTheHost() throws IOException {
        // given
        write("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu svm sse\n");
        write("proc/misc", "200 tun\n232 kvm\n");
        Path device = write("dev/kvm", "");
        Files.setPosixFilePermissions(device, PosixFilePermissions.fromString("rw-rw----"));

        // when
        KvmHost host = KvmHost.read(root);

        // then
        String group = Files.getAttribute(device, "posix:group").toString();
        assertEquals(new KvmHost(false, true, true, group, "rw-rw----"), host);
    }

    @Test
    void shouldTakeWhatCannotBeReadAsAbsent() {
        assertEquals(without(false, false, false), KvmHost.read(root));
    }

    private Path write(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }
}
