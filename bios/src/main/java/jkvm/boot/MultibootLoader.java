package jkvm.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import jkvm.boot.BootModules.Module;
import jkvm.tables.MemoryMap;

/**
 * Boots a multiboot image (Multiboot Specification 0.6.96): flat 32-bit protected mode, EAX holds the loader's magic,
 * EBX the information. Modules follow the kernel, page-aligned, not below 1 MiB.
 */
final class MultibootLoader {
    private static final int BOOTLOADER_MAGIC = 0x2BADB002;
    private static final String LOADER_NAME = "jkvm";

    private static final int INFO_SIZE = 88;
    private static final int MODULE_SIZE = 16;
    private static final int MMAP_ENTRY_SIZE = 24;
    private static final int FLAG_MEMORY = 1;
    private static final int FLAG_BOOT_DEVICE = 1 << 1;
    private static final int FLAG_COMMAND_LINE = 1 << 2;
    private static final int FLAG_MODULES = 1 << 3;
    private static final int FLAG_MMAP = 1 << 6;
    private static final int FLAG_LOADER_NAME = 1 << 9;
    private static final int MEM_LOWER_OFFSET = 4;
    private static final int MEM_UPPER_OFFSET = 8;
    private static final int BOOT_DEVICE_OFFSET = 12;
    private static final int COMMAND_LINE_OFFSET = 16;
    private static final int MODULE_COUNT_OFFSET = 20;
    private static final int MODULES_OFFSET = 24;
    private static final int MMAP_LENGTH_OFFSET = 44;
    private static final int MMAP_OFFSET = 48;
    private static final int LOADER_NAME_OFFSET = 64;
    /** First hard disk, no partition. */
    private static final int BOOT_DEVICE = 0x8000FFFF;

    private final BootRequest request;
    private final BootFile kernel;
    private final LoadPlan plan;

    private MultibootLoader(BootRequest request, BootFile kernel) {
        this.request = request;
        this.kernel = kernel;
        this.plan = new LoadPlan(request);
    }

    static EntryState load(BootRequest request, BootFile kernel) {
        MultibootHeader header = MultibootHeader.find(kernel).orElseThrow();
        try (BootModules modules = BootModules.openModules(request.initrds())) {
            return new MultibootLoader(request, kernel).load(header, modules.list());
        }
    }

    private EntryState load(MultibootHeader header, List<Module> modules) {
        int mmapSize = request.memoryMap().entries().size() * MMAP_ENTRY_SIZE;
        int modulesAt = INFO_SIZE + mmapSize;
        int size = modulesAt + modules.size() * MODULE_SIZE;
        if (size > BootLayout.MULTIBOOT_INFO_END - BootLayout.MULTIBOOT_INFO) {
            throw kernel.error("%d modules are too many".formatted(modules.size()));
        }
        BootTables.planProtected(plan);
        plan.reserve(BootLayout.MULTIBOOT_INFO, BootLayout.MULTIBOOT_INFO + size, "the multiboot information");
        ByteBuffer info = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        putInfo(info, modules.size());
        putMemoryMap(info);
        for (int i = 0; i < modules.size(); i++) {
            info.putInt(modulesAt + i * MODULE_SIZE + 8, (int) plan.string(modules.get(i).text(), "the modules' text"));
        }
        Image image = header.hasAddresses() ? planAddresses(header) : planElf();
        long end = image.end;
        for (int i = 0; i < modules.size(); i++) {
            end = placeModule(modules.get(i).file(), end, info, modulesAt + i * MODULE_SIZE);
        }
        plan.put(BootLayout.MULTIBOOT_INFO, info.array());
        plan.write();
        return EntryStates.protected32(image.entry,
                new StartRegisters(BOOTLOADER_MAGIC, BootLayout.MULTIBOOT_INFO, 0, 0, BootLayout.STACK_TOP));
    }

    private record Image(long entry, long end) { }

    private Image planElf() {
        if (!ElfFile.isElf(kernel)) {
            throw kernel.error("has a multiboot header without addresses, but is no ELF file; set bit 16 of its flags");
        }
        ElfFile elf = ElfFile.parse(kernel);
        if (elf.is64() || elf.machine() == ElfFile.EM_X86_64) {
            throw kernel.error("is a 64-bit multiboot image; multiboot wants 32 bits: objcopy -O elf32-i386");
        }
        long end = elf.plan(plan);
        return new Image(elf.physicalEntry(), end);
    }

    private Image planAddresses(MultibootHeader header) {
        MultibootHeader.Addresses fields = header.fields();
        long offset = header.offset() - (fields.header() - fields.load());
        if (fields.header() < fields.load() || offset < 0) {
            throw bad("header_addr 0x%x does not fit load_addr 0x%x and the header's place in the file (%d)".formatted(
                    fields.header(), fields.load(), header.offset()));
        }
        if (fields.loadEnd() != 0 && fields.loadEnd() <= fields.load()) {
            throw bad("load_end_addr 0x%x is not above load_addr 0x%x".formatted(fields.loadEnd(), fields.load()));
        }
        long size = fields.loadEnd() != 0 ? fields.loadEnd() - fields.load() : kernel.size() - offset;
        long memorySize = fields.bssEnd() != 0 ? fields.bssEnd() - fields.load() : size;
        if (memorySize < size) {
            throw bad("bss_end_addr 0x%x is below the end of the loaded part, 0x%x".formatted(fields.bssEnd(),
                    fields.load() + size));
        }
        if (fields.entry() < fields.load() || fields.entry() - fields.load() >= memorySize) {
            throw bad("entry_addr 0x%x is not in the image".formatted(fields.entry()));
        }
        plan.load(kernel, offset, size, fields.load(), memorySize);
        return new Image(fields.entry(), fields.load() + memorySize);
    }

    private BootException bad(String problem) {
        return kernel.error("has a bad multiboot header: " + problem);
    }

    private void putInfo(ByteBuffer info, int modules) {
        info.putInt(0, FLAG_MEMORY | FLAG_BOOT_DEVICE | FLAG_COMMAND_LINE | FLAG_MODULES | FLAG_MMAP
                | FLAG_LOADER_NAME);
        info.putInt(MEM_LOWER_OFFSET, (int) (MemoryMap.EBDA_START >>> 10));
        info.putInt(MEM_UPPER_OFFSET, (int) (request.memoryMap().lowEnd() - BootLayout.HIGH_MEMORY >>> 10));
        info.putInt(BOOT_DEVICE_OFFSET, BOOT_DEVICE);
        String commandLine = request.kernel() + " " + request.commandLine();
        info.putInt(COMMAND_LINE_OFFSET, (int) plan.string(commandLine, "the kernel command line"));
        info.putInt(LOADER_NAME_OFFSET, (int) plan.string(LOADER_NAME, "the loader's name"));
        info.putInt(MODULE_COUNT_OFFSET, modules);
        List<MemoryMap.Entry> map = request.memoryMap().entries();
        info.putInt(MODULES_OFFSET, (int) BootLayout.MULTIBOOT_INFO + INFO_SIZE + map.size() * MMAP_ENTRY_SIZE);
        info.putInt(MMAP_LENGTH_OFFSET, map.size() * MMAP_ENTRY_SIZE);
        info.putInt(MMAP_OFFSET, (int) BootLayout.MULTIBOOT_INFO + INFO_SIZE);
    }

    private void putMemoryMap(ByteBuffer info) {
        int at = INFO_SIZE;
        for (MemoryMap.Entry entry : request.memoryMap().entries()) {
            // An entry's size does not count the size itself.
            info.putInt(at, MMAP_ENTRY_SIZE - Integer.BYTES);
            info.putLong(at + 4, entry.start());
            info.putLong(at + 12, entry.length());
            info.putInt(at + 20, entry.type());
            at += MMAP_ENTRY_SIZE;
        }
    }

    private long placeModule(BootFile file, long floor, ByteBuffer info, int at) {
        long start = plan.lowest(file.size(), floor);
        if (start < 0) {
            throw file.error(BootException.Kind.NOT_ENOUGH_MEMORY,
                    "%d bytes do not fit into the guest's memory after the kernel".formatted(file.size()));
        }
        plan.load(file, 0, file.size(), start, file.size());
        info.putInt(at, (int) start);
        info.putInt(at + 4, (int) (start + file.size()));
        return start + file.size();
    }
}
