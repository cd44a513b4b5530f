package jkvm.device.pci;

import jkvm.bus.AddressRange;
import jkvm.bus.AddressSpace;
import jkvm.bus.IoHandler;

/**
 * A base address register, or that of the expansion ROM, and the range that it places. Guarded by its function's lock.
 */
final class Bar {
    /** The expansion ROM's index, after those of the function's own ranges. */
    static final int ROM_INDEX = 6;
    static final int ROM_ENABLE_BIT = 0x1;
    static final int IO_BIT = 0x1;
    static final int MEMORY_64_BITS = 0x4;
    static final int PREFETCHABLE_BIT = 0x8;
    static final long UNMAPPED = -1;

    /** Board devices at fixed addresses are seen before BARs. */
    private static final int PRIORITY = -1;
    private static final long MAX_ADDRESS = 1L << 52;
    private static final long IO_END = 0x10000;

    final int index;
    final long size;
    final int type;
    private final IoHandler handler;
    private final String owner;
    private AddressSpace.Region region;
    private long mapped = UNMAPPED;

    /** @param owner the function's name */
    Bar(int index, long size, int type, IoHandler handler, String owner) {
        this.index = index;
        this.size = size;
        this.type = type;
        this.handler = handler;
        this.owner = owner;
    }

    /** An expansion ROM: memory below 4 GiB with a switch of its own. */
    static Bar ofRom(ExpansionRom rom, String owner) {
        return new Bar(ROM_INDEX, rom.size(), 0, rom, owner);
    }

    boolean isRom() {
        return index == ROM_INDEX;
    }

    boolean isIo() {
        return (type & IO_BIT) != 0;
    }

    boolean isWide() {
        return !isIo() && (type & MEMORY_64_BITS) != 0;
    }

    boolean isPrefetchable() {
        return !isIo() && (type & PREFETCHABLE_BIT) != 0;
    }

    int registerSize() {
        return isWide() ? Long.BYTES : Integer.BYTES;
    }

    int registerOffset() {
        return isRom() ? PciFunction.ROM_OFFSET : PciFunction.BAR_0_OFFSET + index * Integer.BYTES;
    }

    /** The bits of the register that the guest sets. */
    long writableBits() {
        return isRom() ? -size | ROM_ENABLE_BIT : -size;
    }

    /**
     * The address bits of the register, without the bits that tell the type; nowhere for a ROM that is switched off.
     */
    long addressIn(long register) {
        if (isRom() && (register & ROM_ENABLE_BIT) == 0) {
            return UNMAPPED;
        }
        long address = register & -size;
        return isIo() ? address & 0xFFFFFFFFL : address;
    }

    long mapped() {
        return mapped;
    }

    /** Whether a range at this address can be seen at all. */
    private boolean isMappable(long address) {
        long end = isIo() ? IO_END : isWide() ? MAX_ADDRESS : 0xFFFFFFFFL;
        return address > 0 && address <= end - size;
    }

    /**
     * Puts the range at an address, or nowhere.
     *
     * @return true if that changed something
     */
    boolean map(AddressSpace space, long address) {
        long target = isMappable(address) ? address : UNMAPPED;
        if (target == mapped) {
            return false;
        }
        if (target == UNMAPPED) {
            region.remove();
            region = null;
        } else if (region == null) {
            region = space.add(new AddressRange(target, size), handler, PRIORITY).ownedBy(owner);
        } else {
            region.move(new AddressRange(target, size));
        }
        mapped = target;
        return true;
    }
}
