package jkvm.bios.system;

import jkvm.bios.BiosHost;
import jkvm.bios.ServiceTable;

/** The table of this package's services. */
public final class SystemServices {
    private SystemServices() {
    }

    /** All of them. */
    public static ServiceTable table(BiosHost host) {
        TimeServices time = new TimeServices(host);
        ServiceTable table = new SystemFunctions(host).addTo(ServiceTable.EMPTY)
                .with(ServiceTable.POST, new SelfTest(host, time))
                .with(ServiceTable.RESUME, new ResumeService(host))
                .with(Vectors.KEYBOARD, new KeyboardInterrupt(host));
        table = new TickServices(host).addTo(table);
        table = new MemoryServices(host).addTo(table);
        table = new SerialServices(host).addTo(table);
        table = new KeyServices(host).addTo(table);
        table = new MouseServices(host).addTo(table);
        table = time.addTo(table);
        return new PciServices(host).addTo(table);
    }
}
