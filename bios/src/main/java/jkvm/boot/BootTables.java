package jkvm.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Descriptor tables and page tables that a vCPU which starts in protected or long mode finds in memory. */
public final class BootTables {
    static final int CODE_32_SELECTOR = 0x08;
    static final int DATA_32_SELECTOR = 0x10;
    static final int CODE_64_SELECTOR = 0x10;
    static final int DATA_64_SELECTOR = 0x18;

    private static final long CODE_32 = 0x00CF9B000000FFFFL;
    private static final long CODE_64 = 0x00AF9B000000FFFFL;
    private static final long DATA = 0x00CF93000000FFFFL;
    static final int PROTECTED_GDT_SIZE = 24;
    static final int LONG_GDT_SIZE = 32;

    private static final int ENTRIES = 512;
    private static final int DIRECTORIES = 4;
    private static final long PRESENT_WRITABLE = 3;
    private static final long LARGE_PAGE = 1 << 7;
    private static final long LARGE_PAGE_SIZE = 2 << 20;

    private BootTables() {
    }

    static void planProtected(LoadPlan plan) {
        plan.reserve(BootLayout.GDT, BootLayout.GDT + PROTECTED_GDT_SIZE, "the boot GDT");
        plan.put(BootLayout.GDT, protectedGdt());
    }

    static void planLong(LoadPlan plan) {
        plan.reserve(BootLayout.GDT, BootLayout.GDT + LONG_GDT_SIZE, "the boot GDT");
        plan.put(BootLayout.GDT, longGdt());
        plan.reserve(BootLayout.PAGE_TABLES, BootLayout.PAGE_TABLES_END, "the boot page tables");
        plan.put(BootLayout.PAGE_TABLES, pageTables());
    }

    private static byte[] protectedGdt() {
        return buffer(PROTECTED_GDT_SIZE).putLong(0).putLong(CODE_32).putLong(DATA).array();
    }

    private static byte[] longGdt() {
        return buffer(LONG_GDT_SIZE).putLong(0).putLong(0).putLong(CODE_64).putLong(DATA).array();
    }

    private static byte[] pageTables() {
        ByteBuffer out = buffer((int) (BootLayout.PAGE_TABLES_END - BootLayout.PAGE_TABLES));
        long pointers = BootLayout.PAGE_TABLES + BootLayout.PAGE;
        long directories = pointers + BootLayout.PAGE;
        out.putLong(0, pointers | PRESENT_WRITABLE);
        for (int i = 0; i < DIRECTORIES; i++) {
            out.putLong((int) BootLayout.PAGE + i * Long.BYTES, directories + i * BootLayout.PAGE | PRESENT_WRITABLE);
        }
        for (int i = 0; i < DIRECTORIES * ENTRIES; i++) {
            long entry = i * LARGE_PAGE_SIZE | LARGE_PAGE | PRESENT_WRITABLE;
            out.putLong((int) (2 * BootLayout.PAGE) + i * Long.BYTES, entry);
        }
        return out.array();
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
