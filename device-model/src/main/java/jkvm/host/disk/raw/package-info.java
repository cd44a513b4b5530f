/** Raw images: a disk's bytes as they are. */
package jkvm.host.disk.raw;
