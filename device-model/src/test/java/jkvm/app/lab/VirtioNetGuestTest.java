package jkvm.app.lab;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's cloud kernel with its virtio_net driver on the user network, on the KVM in Java. */
@BootsGuests
class VirtioNetGuestTest {
    @TempDir
    private Path folder;

    @Test
    void shouldGetALeaseAndAFileAndBearDownUpAndUnloadingInAMicrovm() throws Exception {
        NetGuest.tour(folder, LabKernel.cloud(System.err::println), List.of("virtio_mmio", "virtio_net"), "-M",
                "microvm", "-netdev", "user,id=n", "-device", "virtio-net-device,netdev=n,mac=" + NetGuest.MAC);
    }
}
