/** The machine: buses, devices, their host sides, and the {@code jkvm} command. */
module jkvm.devices {
    requires transitive jkvm.bios;

    exports jkvm.bus;
    exports jkvm.chardev;
    exports jkvm.cli;
    exports jkvm.disk;
    exports jkvm.e1000;
    exports jkvm.harness;
    exports jkvm.irq;
    exports jkvm.machine;
    exports jkvm.pci;
    exports jkvm.net;
    exports jkvm.net.user;
    exports jkvm.platform;
    exports jkvm.serial;
    exports jkvm.trace;
    exports jkvm.virtio;
    exports jkvm.virtio.block;
    exports jkvm.virtio.console;
    exports jkvm.virtio.net;
    exports jkvm.virtio.queue;
    exports jkvm.virtio.rng;
    exports jkvm.virtio.transport;
}
