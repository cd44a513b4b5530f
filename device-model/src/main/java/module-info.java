/**
 * The machine: buses, devices, their host sides, and the {@code jkvm} command. Exported to all is what a program builds
 * a machine from, or a device, a disk, a network of its own; single devices are not.
 */
@SuppressWarnings("module")
module jkvm.devices {
    requires transitive jkvm.bios;

    exports jkvm.app.harness;
    exports jkvm.bus;
    exports jkvm.device.board;
    exports jkvm.device.pci;
    exports jkvm.device.virtio;
    exports jkvm.device.virtio.queue;
    exports jkvm.host;
    exports jkvm.host.chardev;
    exports jkvm.host.disk;
    exports jkvm.host.net;
    exports jkvm.host.netdev;
    exports jkvm.host.usernet;
    exports jkvm.machine;

    exports jkvm.device.e1000 to jkvm.examples;
}
