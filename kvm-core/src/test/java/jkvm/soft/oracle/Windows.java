package jkvm.soft.oracle;

/**
 * The memory of a snippet, the same on both sides. Code, data and a read-only page, with unmapped pages between them;
 * two windows of the data pages are part of a case: one across the end of a page, one up to an unmapped page.
 */
final class Windows {
    /** Two pages, readable and executable, filled with INT3. */
    static final int CODE_PAGES = 0x1000_0000, CODE_SIZE = 0x2000;
    /** Two pages, readable and writable, zero outside the windows. */
    static final int DATA_PAGES = 0x1000_4000, DATA_SIZE = 0x2000;
    /** One page; byte i is 37 i + 11. */
    static final int READ_ONLY_PAGE = 0x1000_8000;
    static final int LOW = 0x1000_5000 - 256, LOW_SIZE = 512;
    static final int HIGH = 0x1000_6000 - 256, HIGH_SIZE = 256;
    static final int MEMORY_SIZE = LOW_SIZE + HIGH_SIZE;
    /** Selectors that Linux gives to user code, and those of the child's own segment table. */
    static final int CODE64_SELECTOR = 0x33, CODE32_SELECTOR = 0x23, DATA_SELECTOR = 0x2B;
    static final int LDT_CODE16 = 0x07, LDT_DATA16 = 0x0F, LDT_CODE32 = 0x17, LDT_DATA32 = 0x1F, LDT_DOWN = 0x27,
            LDT_READ_ONLY = 0x2F;

    private Windows() {
    }

    static byte readOnly(int index) {
        return (byte) (37 * index + 11);
    }
}
