/**
 * Boot loaders. Each recognises one kind of file, checks it against the guest's memory map, puts it into guest memory
 * and answers with the state that the first vCPU starts in. A file that is not what it claims to be is refused with
 * {@link BootException} before any of it is written.
 */
package jkvm.boot;
