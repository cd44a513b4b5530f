package jkvm.bios.system;

import jkvm.bios.BiosHost;
import jkvm.bios.ServiceTable;

/** The table of this package's services. */
public final class SystemServices {
    private SystemServices() {
    }

    /** All of them. */
    public static ServiceTable table(BiosHost host) {
        return ServiceTable.EMPTY
                .with(ServiceTable.POST, new SelfTest(host))
                .with(Vectors.VIDEO, SerialTeletype.FUNCTION, new SerialTeletype(host.ports()))
                .with(Vectors.BOOT, new NoBoot(host.ports()));
    }
}
