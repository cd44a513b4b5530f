/** JSON (RFC 8259): values, a reader, and a writer whose texts look as QEMU's do. */
package jkvm.json;
