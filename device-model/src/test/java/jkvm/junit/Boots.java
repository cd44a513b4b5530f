package jkvm.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says which guest a test method gets: a PC with its console in memory, and with isa-debug-exit at port 0xF4, where a
 * write of V ends it with status V*2+1. {@link Guests} makes any other machine.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Boots {

    /** A kernel to boot: a resource beside the test class, or else a file. */
    String kernel() default "";

    /** A few bytes of real-mode code at 0x1000 instead, in hexadecimal with or without spaces. */
    String code() default "";

    /** Guest RAM in MiB. */
    int memory() default 16;

    /** The number of CPUs. */
    int cpus() default 1;
}
