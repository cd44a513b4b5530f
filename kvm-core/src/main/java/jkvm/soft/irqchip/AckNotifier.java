package jkvm.soft.irqchip;

/** Told when the guest ends an interrupt of a GSI, at the PIC or the IOAPIC. With the chips' lock held. */
interface AckNotifier {
    void acknowledged();
}
