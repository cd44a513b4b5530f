/**
 * gdb's remote serial protocol (gdb manual, appendix E): {@link GdbServer} serves one debugger at a time over a chardev
 * that goes on while the machine is paused. The vCPUs are the threads, numbered from 1; all of them stop together.
 *
 * <p>Threads: a chardev's and the machine's hand over what they bring; all else is done by one worker, which alone
 * touches registers, breakpoints and memory, and only while the machine is paused.
 */
package jkvm.control.gdb;
