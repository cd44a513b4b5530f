/** What is in guest memory and in the vCPU's registers before the first guest instruction. */
module jkvm.bios {
    requires transitive jkvm.core;

    exports jkvm.boot;
    exports jkvm.tables;
}
