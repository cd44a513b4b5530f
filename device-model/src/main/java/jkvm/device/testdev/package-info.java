/**
 * Devices of QEMU's that are made for tests of a hypervisor and have no real model: {@link IsaDebugExit},
 * {@link PcTestdev} and {@link PciTestdev}, each with its entry in the registry.
 *
 * <p>A hostile guest ends itself with them, or makes its own pages be mapped anew again and again; it counts its own
 * writes. The state of each is a fixed number of bytes.
 *
 * <p>Any thread may call. Each device has one lock, its monitor, held while interrupt lines are called.
 */
package jkvm.device.testdev;
