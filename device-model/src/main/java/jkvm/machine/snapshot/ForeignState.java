package jkvm.machine.snapshot;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jkvm.state.StateException;

/** The first bytes of files that are no saved states of jkvm, by which a message names them. */
enum ForeignState {
    QEMU("a state of QEMU", "QEVM"),
    LIBVIRT("a file of libvirt's save", "LibvirtQemud"),
    QCOW2("a qcow2 image", "QFI\u00fb"),
    GZIP("compressed by gzip", "\u001f\u008b"),
    ZSTD("compressed by zstd", "(\u00b5/\u00fd"),
    XZ("compressed by xz", "\u00fd7zXZ"),
    ELF("an ELF file", "\u007fELF");

    private final String what;
    private final byte[] magic;

    ForeignState(String what, String magic) {
        this.what = what;
        this.magic = magic.getBytes(StandardCharsets.ISO_8859_1);
    }

    /**
     * Looks at the first bytes of a state.
     *
     * @param count how many there are
     * @throws StateException if it is no state of jkvm
     */
    static void requireOwn(byte[] start, int count) {
        byte[] own = SnapshotFormat.MAGIC;
        if (count == start.length && Arrays.equals(start, 0, own.length, own, 0, own.length)) {
            return;
        }
        if (count == 0) {
            throw new StateException("the state is empty");
        }
        for (ForeignState foreign : values()) {
            int length = foreign.magic.length;
            if (count >= length && Arrays.equals(start, 0, length, foreign.magic, 0, length)) {
                throw new StateException("not a saved state of jkvm: it is " + foreign.what);
            }
        }
        throw new StateException("not a saved state of jkvm");
    }
}
