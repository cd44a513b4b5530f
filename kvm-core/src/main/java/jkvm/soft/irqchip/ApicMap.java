package jkvm.soft.irqchip;

/** A map from ids to local APICs, built for {@link ApicBus} when an id or a mode changes. */
final class ApicMap {
    private static final int SMALLEST_TABLE = 256, CLUSTER_SIZE = 16, FLAT_SIZE = 8, CLUSTERS = 16,
            XAPIC_CLUSTER_SIZE = 4;

    /** Models of logical destinations; MIXED where the APICs do not agree, or two have one address. */
    private enum Mode { NONE, FLAT, CLUSTER, X2APIC, MIXED }

    private final Lapic[] byId;
    /** Flat: by bit; cluster: four for each cluster. */
    private final Lapic[] byLogicalId = new Lapic[CLUSTERS * XAPIC_CLUSTER_SIZE];
    private Mode mode = Mode.NONE;
    private Lapic[] table;
    private int tableStart;
    private int selected;

    ApicMap(Lapic[] lapics) {
        int size = SMALLEST_TABLE;
        for (Lapic lapic : lapics) {
            if (lapic.page().isHardwareEnabled()) {
                size = Math.max(size, lapic.page().vcpuId() + 1);
            }
        }
        byId = new Lapic[size];
        for (Lapic lapic : lapics) {
            if (lapic.page().isHardwareEnabled()) {
                addPhysical(lapic, lapic.page());
                addLogical(lapic, lapic.page());
            }
        }
    }

    private void addPhysical(Lapic lapic, ApicPage page) {
        if (page.isX2Apic() || page.vcpuId() > ApicBus.XAPIC_BROADCAST) {
            byId[page.vcpuId()] = lapic;
        }
        if (!page.isX2Apic() && byId[page.xapicId()] == null) {
            byId[page.xapicId()] = lapic;
        }
    }

    private void addLogical(Lapic lapic, ApicPage page) {
        int ldr = page.logicalDestination();
        if (!page.isSoftwareEnabled() || ldr == 0) {
            return;
        }
        Mode own = page.isX2Apic() ? Mode.X2APIC : page.isFlat() ? Mode.FLAT : Mode.CLUSTER;
        if (mode != Mode.NONE && mode != own) {
            mode = Mode.MIXED;
            return;
        }
        mode = own;
        if (own == Mode.X2APIC) {
            return;
        }
        int address = ldr >>> 24;
        int bits = own == Mode.FLAT ? address : address & 0xF;
        if (bits == 0) {
            return;
        }
        int place = own == Mode.FLAT ? 0 : (address >> 4) * XAPIC_CLUSTER_SIZE;
        place += Integer.numberOfTrailingZeros(bits);
        if (Integer.bitCount(bits) != 1 || byLogicalId[place] != null) {
            mode = Mode.MIXED;
        } else {
            byLogicalId[place] = lapic;
        }
    }

    boolean isX2Apic() {
        return mode == Mode.X2APIC;
    }

    /** The APIC with this physical id, or null. */
    Lapic physical(int id) {
        return Integer.compareUnsigned(id, byId.length) < 0 ? byId[id] : null;
    }

    /**
     * Selects the APICs of a logical destination: bits of {@link #selectedMask()}, which {@link #selected} translates.
     *
     * @return false where the map cannot say
     */
    boolean selectLogical(int destination) {
        table = byLogicalId;
        tableStart = 0;
        switch (mode) {
            case NONE -> selected = 0;
            case FLAT -> selected = destination & (1 << FLAT_SIZE) - 1;
            case CLUSTER -> {
                tableStart = (destination >> 4 & 0xF) * XAPIC_CLUSTER_SIZE;
                selected = destination & (1 << XAPIC_CLUSTER_SIZE) - 1;
            }
            case X2APIC -> {
                table = byId;
                tableStart = (destination >>> 16) * CLUSTER_SIZE;
                int room = Math.clamp(byId.length - tableStart, 0, CLUSTER_SIZE);
                selected = destination & (1 << room) - 1;
            }
            case MIXED -> {
                return false;
            }
        }
        return true;
    }

    int selectedMask() {
        return selected;
    }

    Lapic selected(int bit) {
        return table[tableStart + bit];
    }
}
