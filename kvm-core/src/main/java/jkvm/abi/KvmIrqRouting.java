package jkvm.abi;

/**
 * {@code struct kvm_irq_routing} with its entries: where each GSI leads (KVM API 4.52, KVM_SET_GSI_ROUTING). Replaces
 * the whole table.
 */
public final class KvmIrqRouting extends KvmStruct {
    public static final long SIZE = 8;
    public static final long NR_OFFSET = 0;
    public static final long FLAGS_OFFSET = 4;
    public static final long ENTRIES_OFFSET = 8;
    public static final int TYPE_IRQCHIP = 1;
    public static final int TYPE_MSI = 2;
    public static final int TYPE_HV_SINT = 4;
    public static final int TYPE_XEN_EVTCHN = 5;
    public static final long ENTRY_SIZE = 48;
    public static final long ENTRY_GSI_OFFSET = 0;
    public static final long ENTRY_TYPE_OFFSET = 4;
    public static final long ENTRY_FLAGS_OFFSET = 8;
    public static final long ENTRY_IRQCHIP_OFFSET = 16;
    public static final long ENTRY_PIN_OFFSET = 20;
    public static final long ENTRY_ADDRESS_LO_OFFSET = 16;
    public static final long ENTRY_ADDRESS_HI_OFFSET = 20;
    public static final long ENTRY_DATA_OFFSET = 24;
    public static final long ENTRY_DEVID_OFFSET = 28;
    public static final long ENTRY_HV_VCPU_OFFSET = 16;
    public static final long ENTRY_HV_SINT_OFFSET = 20;
    private static final int PIC_PINS = 8;
    private static final int IOAPIC_PINS = 24;
    private final int capacity;

    /** Room for {@code capacity} entries, none of them in use. */
    public KvmIrqRouting(int capacity) {
        super(allocate(SIZE + capacity * ENTRY_SIZE));
        this.capacity = capacity;
    }

    /** Entries in use. */
    public int nr() {
        return getInt(NR_OFFSET);
    }

    public void nr(int value) {
        setInt(NR_OFFSET, value);
    }

    public int flags() {
        return getInt(FLAGS_OFFSET);
    }

    public void flags(int value) {
        setInt(FLAGS_OFFSET, value);
    }

    /** The routes that an in-kernel irqchip starts with: GSI 0-15 to PIC and IOAPIC, 16-23 to the IOAPIC. */
    public static KvmIrqRouting pc(int extra) {
        KvmIrqRouting routing = new KvmIrqRouting(2 * PIC_PINS + IOAPIC_PINS + extra);
        for (int gsi = 0; gsi < IOAPIC_PINS; gsi++) {
            if (gsi < 2 * PIC_PINS) {
                int chip = gsi < PIC_PINS ? KvmIrqchip.PIC_MASTER : KvmIrqchip.PIC_SLAVE;
                routing.addIrqchip(gsi, chip, gsi % PIC_PINS);
            }
            routing.addIrqchip(gsi, KvmIrqchip.IOAPIC, gsi);
        }
        return routing;
    }

    /** Entries that there is room for. */
    public int capacity() {
        return capacity;
    }

    /** Leads a GSI to a pin of a controller ({@link KvmIrqchip}). A GSI may lead to several. */
    public void addIrqchip(int gsi, int chip, int pin) {
        long entry = add(gsi, TYPE_IRQCHIP);
        setInt(entry + ENTRY_IRQCHIP_OFFSET, chip);
        setInt(entry + ENTRY_PIN_OFFSET, pin);
    }

    /** Leads a GSI to a message-signalled interrupt. */
    public void addMsi(int gsi, long address, int data) {
        long entry = add(gsi, TYPE_MSI);
        setInt(entry + ENTRY_ADDRESS_LO_OFFSET, (int) address);
        setInt(entry + ENTRY_ADDRESS_HI_OFFSET, (int) (address >>> 32));
        setInt(entry + ENTRY_DATA_OFFSET, data);
    }

    /** Leads a GSI to a synthetic interrupt source of Hyper-V. */
    public void addHypervSint(int gsi, int vcpu, int sint) {
        long entry = add(gsi, TYPE_HV_SINT);
        setInt(entry + ENTRY_HV_VCPU_OFFSET, vcpu);
        setInt(entry + ENTRY_HV_SINT_OFFSET, sint);
    }

    private long add(int gsi, int type) {
        long entry = element(ENTRIES_OFFSET, nr(), capacity, ENTRY_SIZE);
        segment().asSlice(entry, ENTRY_SIZE).fill((byte) 0);
        setInt(entry + ENTRY_GSI_OFFSET, gsi);
        setInt(entry + ENTRY_TYPE_OFFSET, type);
        nr(nr() + 1);
        return entry;
    }
}
