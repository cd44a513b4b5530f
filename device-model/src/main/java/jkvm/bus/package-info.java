/**
 * A device as its machine sees it ({@link Device}), how a guest's access finds it ({@link IoHandler},
 * {@link AddressSpace}: one for ports, one for memory), and its interrupts: wires ({@link IrqLine}) and messages
 * ({@link MsiVector}).
 */
package jkvm.bus;
