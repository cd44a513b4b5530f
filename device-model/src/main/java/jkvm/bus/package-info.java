/**
 * What a device sees of its machine, and how a guest's access finds the device: {@link jkvm.bus.Device},
 * {@link jkvm.bus.IoHandler}, {@link jkvm.bus.AddressSpace} (one for ports, one for memory), {@link jkvm.bus.VmClock}.
 */
package jkvm.bus;
