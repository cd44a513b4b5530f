package jkvm.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import jkvm.boot.BootModules.Module;
import jkvm.tables.MemoryMap;

/**
 * Boots a Linux bzImage at its 64-bit entry point (Linux Documentation/arch/x86/boot.rst, "64-bit Boot Protocol"): long
 * mode, low memory mapped to itself, RSI at the zero page. Several initial RAM disks become one.
 */
final class LinuxLoader {
    private static final int ENTRY_OFFSET = 0x200;
    private static final int ZERO_PAGE_SIZE = 4096;
    private static final int ACPI_RSDP_ADDR_OFFSET = 0x70;
    private static final int ALT_MEM_K_OFFSET = 0x1E0;
    private static final int E820_ENTRIES_OFFSET = 0x1E8;
    private static final int E820_TABLE_OFFSET = 0x2D0;
    private static final int E820_ENTRY_SIZE = 20;
    private static final int UNKNOWN_LOADER = 0xFF;
    private static final int VID_MODE_NORMAL = 0xFFFF;
    /** Archives in one RAM disk begin at multiples of this. */
    private static final long ARCHIVE_ALIGNMENT = 4;

    private final BootRequest request;
    private final BootFile kernel;
    private final LinuxHeader header;
    private final LoadPlan plan;

    private LinuxLoader(BootRequest request, BootFile kernel) {
        this.request = request;
        this.kernel = kernel;
        this.header = LinuxHeader.read(kernel);
        this.plan = new LoadPlan(request);
    }

    static EntryState load(BootRequest request, BootFile kernel) {
        LinuxLoader loader = new LinuxLoader(request, kernel);
        loader.header.check();
        try (BootModules initrds = BootModules.openFiles(request.initrds())) {
            return loader.load(initrds.list());
        }
    }

    private EntryState load(List<Module> initrds) {
        checkCommandLine();
        BootTables.planLong(plan);
        plan.reserve(BootLayout.ZERO_PAGE, BootLayout.ZERO_PAGE + ZERO_PAGE_SIZE, "the Linux zero page");
        long commandLine = plan.string(request.commandLine(), "the kernel command line");
        long start = header.preferredAddress();
        if (Long.compareUnsigned(start, BootLayout.HIGH_MEMORY) < 0) {
            start = BootLayout.HIGH_MEMORY;
        }
        long size = Math.max(header.codeSize(), header.initSize());
        if (!request.memoryMap().isUsable(start, size) || start >= BootLayout.FOUR_GIB) {
            throw kernel.error(BootException.Kind.NOT_ENOUGH_MEMORY,
                    "needs %d MiB of RAM from 0x%x on; the guest has %d MiB below 4 GiB"
                            .formatted((size >>> 20) + 1, start, request.memory().lowEnd() >>> 20));
        }
        plan.load(kernel, header.codeOffset(), header.codeSize(), start, size);
        ByteBuffer page = ByteBuffer.allocate(ZERO_PAGE_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        header.copyTo(page);
        page.put(LinuxHeader.TYPE_OF_LOADER_OFFSET, (byte) UNKNOWN_LOADER);
        page.putShort(LinuxHeader.VID_MODE_OFFSET, (short) VID_MODE_NORMAL);
        page.putInt(LinuxHeader.CODE32_START_OFFSET, (int) start);
        page.putInt(LinuxHeader.CMD_LINE_PTR_OFFSET, (int) commandLine);
        page.putLong(ACPI_RSDP_ADDR_OFFSET, request.rsdpAddress());
        putMemoryMap(page);
        placeInitrds(initrds, start + size, page);
        plan.put(BootLayout.ZERO_PAGE, page.array());
        plan.write();
        return EntryStates.long64(start + ENTRY_OFFSET,
                new StartRegisters(0, 0, 0, BootLayout.ZERO_PAGE, BootLayout.STACK_TOP));
    }

    private void checkCommandLine() {
        int length = request.commandLine().getBytes(StandardCharsets.UTF_8).length;
        if (length > header.commandLineSize()) {
            throw kernel.error("takes a command line of %d bytes at most; this one has %d".formatted(
                    header.commandLineSize(), length));
        }
    }

    private void putMemoryMap(ByteBuffer page) {
        List<MemoryMap.Entry> entries = request.memoryMap().entries();
        int at = E820_TABLE_OFFSET;
        for (MemoryMap.Entry entry : entries) {
            page.putLong(at, entry.start());
            page.putLong(at + 8, entry.length());
            page.putInt(at + 16, entry.type());
            at += E820_ENTRY_SIZE;
        }
        page.put(E820_ENTRIES_OFFSET, (byte) entries.size());
        page.putInt(ALT_MEM_K_OFFSET, (int) (request.memoryMap().lowEnd() - BootLayout.HIGH_MEMORY >>> 10));
    }

    private void placeInitrds(List<Module> initrds, long floor, ByteBuffer page) {
        long total = 0;
        for (Module initrd : initrds) {
            total = alignArchive(total) + initrd.file().size();
        }
        if (total == 0) {
            return;
        }
        long start = plan.highest(total, floor, header.initrdAddressMax() + 1);
        if (start < 0) {
            throw initrds.getFirst().file().error(BootException.Kind.NOT_ENOUGH_MEMORY,
                    ("%d bytes of initial RAM disk do not fit between the kernel's end (0x%x) and the end of usable"
                            + " memory (0x%x)").formatted(total, floor,
                            Math.min(request.memoryMap().lowEnd(), header.initrdAddressMax() + 1)));
        }
        long at = 0;
        for (Module initrd : initrds) {
            long next = alignArchive(at);
            long size = initrd.file().size();
            // The gap before the next archive is cleared with the one that it follows.
            plan.load(initrd.file(), 0, size, start + next, Math.min(alignArchive(next + size), total) - next);
            at = next + size;
        }
        page.putInt(LinuxHeader.RAMDISK_IMAGE_OFFSET, (int) start);
        page.putInt(LinuxHeader.RAMDISK_SIZE_OFFSET, (int) total);
    }

    private static long alignArchive(long address) {
        return (address + ARCHIVE_ALIGNMENT - 1) & -ARCHIVE_ALIGNMENT;
    }
}
