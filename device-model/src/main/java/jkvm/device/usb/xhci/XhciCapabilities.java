package jkvm.device.usb.xhci;

import jkvm.bus.RegisterNames;

/** The controller's capability registers and extended capabilities (xHCI sections 5.3 and 7): none ever changes. */
final class XhciCapabilities {
    /** Operational registers begin here. */
    static final int LENGTH = 0x40;
    private static final int VERSION = 0x0100;
    private static final int EXTENDED_OFFSET = 0x20;
    /** Isochronous scheduling threshold; one segment an event ring. */
    private static final int STRUCTURAL_2 = 0xF;
    private static final int ADDRESSES_OF_64_BITS = 1;
    /** "USB ". */
    private static final int NAME = 0x2042_5355;
    private static final int NEXT_AT_16_BYTES = 4 << 8;
    private static final int PROTOCOL_ID = 2;

    private final Xhci.Ports ports;

    XhciCapabilities(Xhci.Ports ports) {
        this.ports = ports;
    }

    int read(int offset) {
        return switch (offset) {
            case 0x00 -> VERSION << 16 | LENGTH;
            case 0x04 -> ports.all() << 24 | Xhci.INTERRUPTERS << 8 | Xhci.SLOTS;
            case 0x08 -> STRUCTURAL_2;
            case 0x10 -> EXTENDED_OFFSET / Integer.BYTES << 16 | ADDRESSES_OF_64_BITS;
            case 0x14 -> Xhci.DOORBELL_OFFSET;
            case 0x18 -> Xhci.RUNTIME_OFFSET;
            case EXTENDED_OFFSET -> 2 << 24 | NEXT_AT_16_BYTES | PROTOCOL_ID;
            case EXTENDED_OFFSET + 4, EXTENDED_OFFSET + 0x14 -> NAME;
            case EXTENDED_OFFSET + 8 -> ports.usb2() << 8 | ports.usb3() + 1;
            case EXTENDED_OFFSET + 0x10 -> 3 << 24 | PROTOCOL_ID;
            case EXTENDED_OFFSET + 0x18 -> ports.usb3() << 8 | 1;
            default -> 0;
        };
    }

    RegisterNames names() {
        RegisterNames names = new RegisterNames("xhci").with(0, "CAPLENGTH").with(0x04, "HCSPARAMS1")
                .with(0x08, "HCSPARAMS2").with(0x0C, "HCSPARAMS3").with(0x10, "HCCPARAMS1").with(0x14, "DBOFF")
                .with(0x18, "RTSOFF").with(LENGTH, "USBCMD").with(LENGTH + 0x04, "USBSTS")
                .with(LENGTH + 0x08, "PAGESIZE").with(LENGTH + 0x14, "DNCTRL").with(LENGTH + 0x18, "CRCR")
                .with(LENGTH + 0x30, "DCBAAP").with(LENGTH + 0x38, "CONFIG").with(Xhci.RUNTIME_OFFSET, "MFINDEX");
        for (int i = 0; i < ports.all(); i++) {
            names.with(Xhci.PORT_OFFSET + (long) i * RootPort.SIZE, "PORTSC" + (i + 1));
        }
        for (int i = 0; i < Xhci.INTERRUPTERS; i++) {
            long at = Xhci.INTERRUPTER_OFFSET + (long) i * Interrupter.SIZE;
            names.with(at, "IMAN" + i).with(at + 0x04, "IMOD" + i).with(at + 0x08, "ERSTSZ" + i)
                    .with(at + 0x10, "ERSTBA" + i).with(at + 0x18, "ERDP" + i);
        }
        for (int i = 0; i <= Xhci.SLOTS; i++) {
            names.with(Xhci.DOORBELL_OFFSET + (long) i * Integer.BYTES, "DB" + i);
        }
        return names;
    }
}
