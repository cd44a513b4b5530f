/**
 * The kinds of device that a machine can have: a {@link DeviceType} is one entry of the registry, a {@link Board} the
 * parts of the machine that it may use when it makes a device. A device's entry lies beside the device; the machine
 * implements the board and lists the entries. This package is below both, so that a device never knows the machine.
 */
package jkvm.device.board;
