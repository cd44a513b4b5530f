/**
 * {@code jkvm img}: qemu-img's subcommands with its arguments, output and exit codes.
 */
package jkvm.app.img;
