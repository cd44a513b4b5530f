/**
 * All of Linux's ABI: system calls, their numbers, flags and structs, in classes for the kernel objects that a
 * hypervisor needs. File descriptors, event descriptors, poll and epoll, memory mappings, files, locks, tap interfaces,
 * terminals, signals. {@link FfmSyscalls} is the only class of the project that makes a native call. Above this package
 * only the KVM in Java knows numbers of system calls, because it answers them.
 */
package jkvm.linux;
