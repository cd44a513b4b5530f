/**
 * QEMU's human monitor: lines of commands in, text out, laid out as QEMU 7.2 prints it where scripts read it.
 * {@link jkvm.control.hmp.HumanMonitor} executes a line for every front end; it knows no chardev.
 *
 * <p>A client of the monitor is the user, and may end or change the guest. It is bounded even so: a line, its output
 * and what it reads of the guest have limits, and no command blocks a vCPU longer than it takes to read what it shows.
 */
package jkvm.control.hmp;
