/**
 * USB as a device and its host controller see each other (USB 2.0): what is plugged into a
 * {@link jkvm.device.usb.UsbBus} is a {@link jkvm.device.usb.UsbDevice}, which answers packets. The controller is in
 * {@code jkvm.device.usb.xhci}, keyboard, mouse and tablet are in {@code jkvm.device.usb.hid}. Absent: hubs,
 * isochronous transfers.
 */
package jkvm.device.usb;
