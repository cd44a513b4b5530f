/** The machine: buses, devices, their host sides, and the {@code jkvm} command. */
module jkvm.devices {
    requires transitive jkvm.bios;

    exports jkvm.bus;
    exports jkvm.host;
    exports jkvm.host.chardev;
    exports jkvm.host.disk;
    exports jkvm.host.net;
    exports jkvm.host.netdev;
    exports jkvm.host.usernet;
    exports jkvm.device.board;
    exports jkvm.device.e1000;
    exports jkvm.device.pci;
    exports jkvm.device.platform;
    exports jkvm.device.serial;
    exports jkvm.device.testdev;
    exports jkvm.device.virtio;
    exports jkvm.device.virtio.block;
    exports jkvm.device.virtio.console;
    exports jkvm.device.virtio.net;
    exports jkvm.device.virtio.queue;
    exports jkvm.device.virtio.rng;
    exports jkvm.device.virtio.transport;
    exports jkvm.machine;
    exports jkvm.app;
    exports jkvm.app.harness;
}
