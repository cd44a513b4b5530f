/** Prepares guest memory and the vCPU's registers for the first guest instruction. */
module jkvm.bios {
    requires transitive jkvm.core;

    exports jkvm.boot;
    exports jkvm.tables;
}
