/**
 * Linux system calls and the few kernel objects that a hypervisor needs: file descriptors, event descriptors, memory
 * mappings, signals. {@link FfmSyscalls} is the only class of the project that makes a native call.
 */
package jkvm.linux;
