package jkvm.control.hmp;

/**
 * How memory or a value is shown: {@code /8xb}.
 *
 * @param count of items
 * @param kind  x, d, u, o or c; i for instructions
 * @param size  of an item in bytes: 1, 2, 4 or 8; instructions have their own
 */
record DumpFormat(int count, char kind, int size) {
    static final DumpFormat DEFAULT = new DumpFormat(1, 'x', Integer.BYTES);
}
