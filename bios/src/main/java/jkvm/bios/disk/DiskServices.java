package jkvm.bios.disk;

import jkvm.bios.Ports;
import jkvm.bios.ServiceTable;

/** The table of this package's services. */
public final class DiskServices {
    private static final int DISK = 0x13;
    private static final int BOOT_FAILURE = 0x18;
    private static final int BOOT = 0x19;
    private static final int FLOPPY = 0x40;

    private DiskServices() {
    }

    /**
     * Adds all of them.
     *
     * @param options what to boot from
     * @param ports   where the machine's clock is
     */
    public static ServiceTable addTo(ServiceTable table, BootOptions options, Ports ports) {
        DiskService disks = new DiskService(options);
        BootService boot = new BootService(options);
        return table.with(DISK, disks).with(FLOPPY, disks).with(BOOT, boot).with(BOOT_FAILURE, boot)
                .with(ServiceTable.OPTION_ROMS, new StartService(options, ports));
    }
}
