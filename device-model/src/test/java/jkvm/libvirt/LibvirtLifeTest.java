package jkvm.libvirt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import jkvm.app.lab.BootsGuests;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of a domain under virsh, with nothing in it but the BIOS. */
@BootsGuests
class LibvirtLifeTest {
    private static final String DOMAIN = "bare";

    @TempDir
    private Path folder;
    private Libvirtd host;

    @BeforeEach
    void define() throws Exception {
        host = Libvirtd.start(folder, 1);
        host.define("bare.xml");
    }

    @AfterEach
    void end() throws Exception {
        if (host != null) {
            host.close();
        }
    }

    private void assertState(String state) throws Exception {
        assertEquals(state, host.virsh("domstate", DOMAIN));
    }

    @Test
    void shouldStartPauseResetSaveAndEndADomain() throws Exception {
        host.virsh("start", DOMAIN);
        assertState("running");
        assertTrue(host.virsh("dominfo", DOMAIN).contains("Max memory:     32768 KiB"));
        assertTrue(host.virsh("domstats", DOMAIN).contains("vcpu.0.state=1"));

        host.virsh("suspend", DOMAIN);
        assertEquals("paused (user)", host.virsh("domstate", DOMAIN, "--reason"));
        assertEquals("VM status: paused", host.virsh("qemu-monitor-command", DOMAIN, "--hmp", "info status"));
        host.virsh("resume", DOMAIN);
        assertState("running");
        host.virsh("reset", DOMAIN);
        assertState("running");

        String file = folder.resolve("saved").toString();
        host.virsh("save", DOMAIN, file);
        assertState("shut off");
        assertTrue(Files.size(Path.of(file)) > 0);
        host.virsh("restore", file);
        assertState("running");

        host.virsh("managedsave", DOMAIN);
        assertState("shut off");
        assertTrue(host.virsh("dominfo", DOMAIN).contains("Managed save:   yes"));
        host.virsh("start", DOMAIN);
        assertTrue(host.virsh("dominfo", DOMAIN).contains("Managed save:   no"));
        host.virsh("destroy", DOMAIN);
        assertState("shut off");
    }

    @Test
    void shouldFindItsDomainAgainAfterTheDaemonWasRestarted() throws Exception {
        host.virsh("start", DOMAIN);
        String before = host.virsh("domid", DOMAIN);
        host.restart();
        assertEquals(before, host.virsh("domid", DOMAIN));
        host.virsh("suspend", DOMAIN);
        assertEquals("paused (user)", host.virsh("domstate", DOMAIN, "--reason"));
        host.virsh("resume", DOMAIN);
        host.virsh("destroy", DOMAIN);
        assertState("shut off");
    }

    @Test
    void shouldTellTheUserWhatTheEmulatorRefused() throws Exception {
        host.define("refused.xml");
        var result = host.run("start", "refused");
        assertNotEquals(0, result.exit());
        assertTrue(result.err().contains("jkvm: "), result.err());
    }
}
