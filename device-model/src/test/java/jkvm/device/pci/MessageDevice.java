package jkvm.device.pci;

import jkvm.bus.MsiSink;

/** A function with every kind of interrupt: INTA, four vectors of MSI at 0x80, three of MSI-X at 0x98 in BAR 2. */
final class MessageDevice extends PlainFunction {
    final Msi msi;
    final Msix msix;

    @SuppressWarnings("this-escape")
    MessageDevice(MsiSink sink) {
        super("messages", new PciIdentity(0x1234, 0x5678, 0, 0xFF0000, 0, 0, 1));
        msi = addMsi(0x80, 4, sink);
        msix = addMsix(0x98, 2, 3, sink);
    }
}
