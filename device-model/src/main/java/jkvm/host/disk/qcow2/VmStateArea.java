package jkvm.host.disk.qcow2;

import jkvm.host.disk.Bytes;

/**
 * The part after a disk's end where a snapshot has the state of a machine: it begins with the first L2 table that the
 * disk does not need (docs/interop/qcow2, "Snapshots").
 */
record VmStateArea(long start, long bytesPerTable) {
    static VmStateArea after(Qcow2Header header, long diskSize) {
        long perTable = (long) header.l2Entries() << header.clusterBits();
        return new VmStateArea(Bytes.roundUp(diskSize, perTable), perTable);
    }

    /** L1 entries for the disk and {@code bytes} of state. */
    long l1Size(long bytes) {
        return Bytes.divideUp(start + bytes, bytesPerTable);
    }
}
