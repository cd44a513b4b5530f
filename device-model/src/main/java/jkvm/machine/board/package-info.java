/**
 * The machine's inside as it is built: the board with its buses and interrupt lines, the chipset, expansion slots,
 * firmware and the boot plan, the processors' features, the devices' clock. {@link jkvm.machine.MachineBuilder} puts
 * them together.
 */
package jkvm.machine.board;
