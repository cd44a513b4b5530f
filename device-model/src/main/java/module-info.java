/** The machine: buses, devices, their host sides, and the {@code jkvm} command. */
module jkvm.devices {
    requires transitive jkvm.bios;

    exports jkvm.bus;
    exports jkvm.harness;
    exports jkvm.irq;
    exports jkvm.trace;
}
