package jkvm.soft.irqchip;

/** Hears that the guest has ended an interrupt of a GSI, at the PIC or the IOAPIC. With the chips' lock held. */
interface AckNotifier {
    void acknowledged();
}
