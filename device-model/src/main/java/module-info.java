/**
 * The machine: buses, devices, their host sides, and the {@code jkvm} command. Exported to all is what a program builds
 * a machine from, with the types of the devices, or a device, a disk, a network of its own.
 */
@SuppressWarnings("module")
module jkvm.devices {
    requires java.logging;
    requires jdk.jfr;
    requires static java.desktop;
    requires static jdk.httpserver;
    requires static jdk.jshell;
    requires transitive jkvm.bios;

    exports jkvm.app.harness;
    exports jkvm.app.shell;
    exports jkvm.bus;
    exports jkvm.control.guest;
    exports jkvm.device.board;
    exports jkvm.device.disk;
    exports jkvm.device.e1000;
    exports jkvm.device.floppy;
    exports jkvm.device.ide;
    exports jkvm.device.pci;
    exports jkvm.device.platform;
    exports jkvm.device.scsi;
    exports jkvm.device.serial;
    exports jkvm.device.testdev;
    exports jkvm.device.usb;
    exports jkvm.device.usb.hid;
    exports jkvm.device.usb.xhci;
    exports jkvm.device.vga;
    exports jkvm.device.virtio;
    exports jkvm.device.virtio.scsi;
    exports jkvm.device.virtio.block;
    exports jkvm.device.virtio.console;
    exports jkvm.device.virtio.net;
    exports jkvm.device.virtio.queue;
    exports jkvm.device.virtio.rng;
    exports jkvm.host;
    exports jkvm.host.chardev;
    exports jkvm.host.disk;
    exports jkvm.host.display;
    exports jkvm.host.image;
    exports jkvm.host.input;
    exports jkvm.host.net;
    exports jkvm.host.netdev;
    exports jkvm.host.usernet;
    exports jkvm.json;
    exports jkvm.machine;
    exports jkvm.machine.config;
    exports jkvm.machine.facts;
    exports jkvm.machine.run;
    exports jkvm.machine.snapshot;

    exports jkvm.app to jkvm.examples;
}
