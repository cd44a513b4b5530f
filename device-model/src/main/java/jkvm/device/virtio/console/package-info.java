/**
 * The console device (virtio 1.2 section 5.3) with one port: hvc0 of a Linux guest. Its host side is a chardev.
 * Emulated: both queues, the console's size and its changes, emergency write. Not emulated: several ports and their
 * control queues.
 *
 * <p>Output that the host does not take stays with the driver: a request is given back when all of it has been taken.
 * Input that the driver does not take stays with the host, but for {@value VirtioConsole#INPUT_SIZE} bytes. A hostile
 * driver that floods the console or offers no buffers for input therefore makes nothing grow.
 */
package jkvm.device.virtio.console;
