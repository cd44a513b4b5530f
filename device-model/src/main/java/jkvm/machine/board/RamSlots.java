package jkvm.machine.board;

import java.util.ArrayList;
import java.util.List;
import jkvm.bus.AddressRange;
import jkvm.device.board.Category;
import jkvm.machine.config.DeviceConfig;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.tables.MemoryMap;
import jkvm.vm.Vm;

/** The guest's RAM in a machine without firmware: all of it, but for the legacy range of a display adapter. */
public final class RamSlots {
    /** First address after a display adapter's legacy range. */
    private static final long SCREEN_END = 0xC0000;

    private RamSlots() {
    }

    /** Gives the guest its RAM. */
    public static void map(Vm vm, GuestMemory memory, List<DeviceConfig> devices) {
        if (!hasDisplayAdapter(devices)) {
            vm.setMemory(memory);
            return;
        }
        int slot = 0;
        for (AddressRange range : aroundScreen(memory)) {
            vm.setMemoryRegion(slot++, 0, range.start(), range.length(),
                    memory.slice(range.start(), range.length()).address());
        }
    }

    /** True if one of the devices has a screen. */
    public static boolean hasDisplayAdapter(List<DeviceConfig> devices) {
        for (DeviceConfig device : devices) {
            if (device.type().category() == Category.DISPLAY) {
                return true;
            }
        }
        return false;
    }

    /** The ranges of RAM that the guest sees. */
    static List<AddressRange> ranges(GuestMemory memory, List<DeviceConfig> devices) {
        if (hasDisplayAdapter(devices)) {
            return aroundScreen(memory);
        }
        List<AddressRange> ranges = new ArrayList<>();
        memory.regions().forEach(region -> ranges.add(new AddressRange(region.start(), region.size())));
        return ranges;
    }

    private static List<AddressRange> aroundScreen(GuestMemory memory) {
        List<AddressRange> ranges = new ArrayList<>();
        ranges.add(new AddressRange(0, Math.min(memory.lowEnd(), MemoryMap.CONVENTIONAL_END)));
        if (memory.lowEnd() > SCREEN_END) {
            ranges.add(new AddressRange(SCREEN_END, memory.lowEnd() - SCREEN_END));
        }
        for (MemoryRegion region : memory.regions().subList(1, memory.regions().size())) {
            ranges.add(new AddressRange(region.start(), region.size()));
        }
        return ranges;
    }
}
