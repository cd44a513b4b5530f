package jkvm.abi;

/**
 * A number that the kernel's header defines.
 *
 * @param expression in C
 * @param actual     the constant in Java
 * @param expected   what it must be
 * @param guard      a macro without which the system's header is too old to know it; null if every header does
 */
record Layout(String expression, long actual, long expected, String guard) {
    Layout(String expression, long actual, long expected) {
        this(expression, actual, expected, null);
    }
}
