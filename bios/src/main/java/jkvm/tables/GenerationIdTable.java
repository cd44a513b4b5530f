package jkvm.tables;

/**
 * The table of the VM generation ID ("Virtual Machine Generation ID", Microsoft, 2012): a device whose {@code ADDR} is
 * the guest physical address of 16 bytes, and the event by which the machine says that these have changed. Names and
 * event are those of QEMU's {@code docs/specs/vmgenid}.
 */
public final class GenerationIdTable {
    /** Where the ID lies in a machine without firmware from outside, which says where it has put the ID. */
    public static final long ADDRESS = MemoryMap.FIRMWARE_START;
    /** What is kept free for it there. */
    static final int SIZE = 64;

    /** Of general-purpose events. */
    public static final int EVENT = 5;
    /** The file that firmware loads, a page with the ID in it. */
    public static final String ID_FILE = "etc/vmgenid_guid";
    /** The file that firmware writes the ID's guest physical address to, eight bytes. */
    public static final String ADDRESS_FILE = "etc/vmgenid_addr";
    public static final int FILE_SIZE = 4096;
    /** Of the ID in its file. */
    public static final int FILE_OFFSET = 40;

    /** From the table's end: the double word of the address, and the zero for its upper half. */
    private static final int ADDRESS_FROM_END = Integer.BYTES + 1;
    private static final int STATUS_CHANGED = 0x80;

    private GenerationIdTable() {
    }

    /** The table (SSDT) for an ID at that address, below 4 GiB. */
    static byte[] table(int address) {
        TableWriter out = AcpiTables.header("SSDT", 1);
        out.bytes(Aml.scope("\\_GPE", AmlCode.method("_E%02X".formatted(EVENT), 0,
                AmlCode.tell("\\_SB.VGEN", Aml.integer(STATUS_CHANGED)))));
        byte[] kind = Aml.string("VM_Gen_Counter");
        out.bytes(Aml.scope("\\_SB", Aml.device("VGEN", Aml.name("_HID", Aml.string("QEMUVGID")),
                Aml.name("_CID", kind), Aml.name("_DDN", kind),
                // Last, for addressOffset.
                Aml.name("ADDR", Aml.packageOf(Aml.doubleWord(address), Aml.integer(0))))));
        return AcpiTables.finish(out);
    }

    /** Where in the table its address is. */
    static int addressOffset(byte[] table) {
        return table.length - ADDRESS_FROM_END;
    }
}
