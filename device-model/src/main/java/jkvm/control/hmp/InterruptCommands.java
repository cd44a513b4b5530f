package jkvm.control.hmp;

import static jkvm.control.hmp.Parameter.optional;

import jkvm.abi.KvmIoapicState;
import jkvm.abi.KvmIrqchip;
import jkvm.abi.KvmPicState;
import jkvm.vm.Vcpu;

/** The words after {@code info} that show the interrupt controllers, as KVM has them. */
final class InterruptCommands {
    private static final int PINS = 24;
    private static final int IOAPIC_VERSION = 0x11;
    private static final int FIRST_REDIRECTION = 0x10;
    private static final String[] PIN_MODES = {"fixed", "lowest", "SMI", "...", "NMI", "INIT", "...", "extINT"};

    private final MonitorSession session;

    InterruptCommands(MonitorSession session) {
        this.session = session;
    }

    void addTo(CommandTable table) {
        table.add(MonitorCommand.of("pic", "", "show PIC state", _ -> session.standing(this::chips)));
        table.add(MonitorCommand.of("lapic", "[apic-id]", "show local apic state (apic-id: local apic to read, default"
                + " is which of current CPU)", this::local, optional("apic-id", Parameter.Kind.NUMBER)));
    }

    private String local(Arguments arguments) {
        long index = arguments.optionalNumber("apic-id").orElse(session.vcpu().id());
        if (index < 0 || index >= session.debug().vcpus().size()) {
            return "No CPU available\n";
        }
        Vcpu vcpu = session.debug().vcpus().get((int) index);
        return session.standing(() -> LapicText.of(vcpu.id(), vcpu.lapic()));
    }

    private String chips() {
        return ioapic(session.debug().irqchip(KvmIrqchip.IOAPIC).ioapic())
                + pic(1, session.debug().irqchip(KvmIrqchip.PIC_SLAVE).pic())
                + pic(0, session.debug().irqchip(KvmIrqchip.PIC_MASTER).pic());
    }

    private static String pic(int number, KvmPicState pic) {
        return "pic%d: irr=%02x imr=%02x isr=%02x hprio=%d irq_base=%02x rr_sel=%d elcr=%02x fnm=%d\n".formatted(number,
                pic.irr(), pic.imr(), pic.isr(), pic.priorityAdd(), pic.irqBase(), pic.readRegSelect(), pic.elcr(),
                pic.specialFullyNestedMode());
    }

    private static String ioapic(KvmIoapicState ioapic) {
        int selected = ioapic.ioregsel();
        StringBuilder text = new StringBuilder("ioapic0: ver=0x%x id=0x%02x sel=0x%02x".formatted(IOAPIC_VERSION,
                ioapic.id(), selected));
        if (selected >= FIRST_REDIRECTION) {
            text.append(" (redir[").append(selected - FIRST_REDIRECTION >> 1).append("])");
        }
        text.append('\n');
        int remote = 0;
        for (int pin = 0; pin < PINS; pin++) {
            long entry = ioapic.redirtbl(pin);
            remote |= (int) (entry >> 14 & 1) << pin;
            text.append(pin(pin, entry));
        }
        return text + "  IRR     " + pins(ioapic.irr()) + "  Remote IRR" + pins(remote);
    }

    /** An entry of the redirection table (data sheet of the 82093AA). */
    private static String pin(int pin, long entry) {
        boolean isLogical = isSet(entry, 11);
        return "  pin %-2d 0x%016x dest=%x vec=%-3d %s %-5s %-6s %-6s %s\n".formatted(pin, entry,
                entry >>> 56 & (isLogical ? 0xFF : 0xF), entry & 0xFF, isSet(entry, 13) ? "active-lo" : "active-hi",
                isSet(entry, 15) ? "level" : "edge", isSet(entry, 16) ? "masked" : "",
                PIN_MODES[(int) (entry >> 8 & 7)], isLogical ? "logical" : "physical");
    }

    private static boolean isSet(long value, int bit) {
        return (value >>> bit & 1) != 0;
    }

    private static String pins(int bits) {
        StringBuilder text = new StringBuilder();
        for (int pin = 0; pin < PINS; pin++) {
            if (isSet(bits, pin)) {
                text.append(' ').append(pin);
            }
        }
        return (text.isEmpty() ? " (none)" : text.toString()) + "\n";
    }
}
