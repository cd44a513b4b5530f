/**
 * Keyboard, mouse and tablet for USB ("Device Class Definition for Human Interface Devices" 1.11, here "HID"), with
 * QEMU's ids and names. Reports wait in a short queue until the host asks; while that is full the user's input waits.
 * Absent: reports repeated by the idle rate, keys of other pages than the keyboard's.
 *
 * <p>A hostile guest could send any request: an unknown one is a stall.
 */
package jkvm.device.usb.hid;
