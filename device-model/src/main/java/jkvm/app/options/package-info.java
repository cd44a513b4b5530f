/**
 * QEMU's command line: {@link QemuOptions} makes a machine's configuration of it. Opens nothing and asks no host.
 */
package jkvm.app.options;
