/** Prepares guest memory and the vCPU's registers for the first guest instruction. */
module jkvm.bios {
    requires transitive jkvm.core;

    exports jkvm.bios;
    exports jkvm.bios.disk;
    exports jkvm.bios.system;
    exports jkvm.bios.video;
    exports jkvm.boot;
    exports jkvm.tables;
}
