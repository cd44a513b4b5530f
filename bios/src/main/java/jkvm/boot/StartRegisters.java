package jkvm.boot;

/**
 * General registers at the first instruction; those not named are zero.
 *
 * @param rsp top of a stack, or zero
 */
public record StartRegisters(long rax, long rbx, long rdx, long rsi, long rsp) {
    /** All zero. */
    public static final StartRegisters ZERO = new StartRegisters(0, 0, 0, 0, 0);
}
