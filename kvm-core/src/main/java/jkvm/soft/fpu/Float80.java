package jkvm.soft.fpu;

/** The x87's arithmetic on 80-bit numbers. */
public final class Float80 {
}
