package jkvm.lab;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's plain kernel with its e1000 driver on the user network, on jkvm, on a real KVM. */
@RequiresLab
class E1000GuestTest {
    @TempDir
    private Path folder;

    @Test
    void shouldGetALeaseAndAFileAndBearDownUpAndUnloading() throws Exception {
        NetGuest.tour(folder, LabKernel.generic(System.err::println), List.of("e1000"), "-nic",
                "user,model=e1000,mac=" + NetGuest.MAC);
    }
}
