/**
 * The cost of jkvm beside others: an exit beside the same loop in C, a system call through the JDK's foreign functions
 * beside jnr-ffi, a whole process beside QEMU. {@code benchmarks/README.md} says how to run each and what it gave.
 */
package jkvm.bench;
