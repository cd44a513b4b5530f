package jkvm.control.hmp;

/**
 * How memory or a value is shown: {@code /8xb}.
 *
 * @param count of items
 * @param kind  x, d, u, o, c or i
 * @param size  of an item in bytes: 1, 2, 4 or 8; zero if the user named none
 */
record DumpFormat(int count, char kind, int size) {
    static final DumpFormat DEFAULT = new DumpFormat(1, 'x', 0);
}
