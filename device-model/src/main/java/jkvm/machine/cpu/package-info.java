/** The guest's processor as CPUID describes it: QEMU's models and features, limited to what the accelerator offers. */
package jkvm.machine.cpu;
