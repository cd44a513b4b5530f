/** Unmodified libvirt, as Debian has it, starts and steers jkvm: virsh at one end, a guest at the other. */
package jkvm.libvirt;
