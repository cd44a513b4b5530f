package jkvm.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.OptionalLong;
import jkvm.boot.BootModules.Module;
import jkvm.tables.MemoryMap;

/**
 * Boots an ELF file. With a PVH note (Xen docs/misc/pvh.pandoc, "x86/HVM direct boot ABI") it starts at that entry
 * point in flat 32-bit protected mode, else at its own: ELF32 in the same mode, ELF64 in long mode with low memory
 * mapped to itself. In each case EBX (RBX) holds the PVH start information, version 1.
 */
final class ElfLoader {
    private static final int START_MAGIC = 0x336EC578;
    private static final int VERSION = 1;
    private static final int START_INFO_SIZE = 56;
    private static final int MEMMAP_ENTRY_SIZE = 24;
    private static final int MODULE_SIZE = 32;
    private static final int VERSION_OFFSET = 4;
    private static final int MODULE_COUNT_OFFSET = 12;
    private static final int MODULES_OFFSET = 16;
    private static final int COMMAND_LINE_OFFSET = 24;
    private static final int RSDP_OFFSET = 32;
    private static final int MEMMAP_OFFSET = 40;
    private static final int MEMMAP_COUNT_OFFSET = 48;

    private final BootRequest request;
    private final BootFile kernel;
    private final LoadPlan plan;

    private ElfLoader(BootRequest request, BootFile kernel) {
        this.request = request;
        this.kernel = kernel;
        this.plan = new LoadPlan(request);
    }

    static EntryState load(BootRequest request, BootFile kernel) {
        ElfFile elf = ElfFile.parse(kernel);
        try (BootModules modules = BootModules.openModules(request.initrds())) {
            return new ElfLoader(request, kernel).load(elf, modules.list());
        }
    }

    private EntryState load(ElfFile elf, List<Module> modules) {
        OptionalLong pvhEntry = elf.pvhEntry();
        boolean isLongMode = elf.is64() && pvhEntry.isEmpty();
        if (isLongMode) {
            BootTables.planLong(plan);
        } else {
            BootTables.planProtected(plan);
        }
        plan.reserve(BootLayout.STACK_TOP & -BootLayout.PAGE, BootLayout.STACK_TOP, "the boot stack");
        ByteBuffer info = startInfo(modules);
        long end = elf.plan(plan);
        long entry = pvhEntry.isPresent() ? pvhEntry.getAsLong() : elf.physicalEntry();
        placeModules(modules, end, info);
        plan.put(BootLayout.PVH_START_INFO, info.array());
        plan.write();
        StartRegisters registers = new StartRegisters(0, BootLayout.PVH_START_INFO, 0, 0, BootLayout.STACK_TOP);
        return isLongMode ? EntryStates.long64(entry, registers) : EntryStates.protected32(entry, registers);
    }

    private int modulesAt() {
        return START_INFO_SIZE + request.memoryMap().entries().size() * MEMMAP_ENTRY_SIZE;
    }

    private ByteBuffer startInfo(List<Module> modules) {
        int size = modulesAt() + modules.size() * MODULE_SIZE;
        if (size > BootLayout.PVH_START_INFO_END - BootLayout.PVH_START_INFO) {
            throw kernel.error("%d modules are too many".formatted(modules.size()));
        }
        plan.reserve(BootLayout.PVH_START_INFO, BootLayout.PVH_START_INFO + size, "the PVH start information");
        ByteBuffer info = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        info.putInt(0, START_MAGIC);
        info.putInt(VERSION_OFFSET, VERSION);
        info.putInt(MODULE_COUNT_OFFSET, modules.size());
        info.putLong(MODULES_OFFSET, modules.isEmpty() ? 0 : BootLayout.PVH_START_INFO + modulesAt());
        info.putLong(COMMAND_LINE_OFFSET, plan.string(request.commandLine(), "the kernel command line"));
        info.putLong(RSDP_OFFSET, request.rsdpAddress());
        info.putLong(MEMMAP_OFFSET, BootLayout.PVH_START_INFO + START_INFO_SIZE);
        info.putInt(MEMMAP_COUNT_OFFSET, request.memoryMap().entries().size());
        int at = START_INFO_SIZE;
        for (MemoryMap.Entry entry : request.memoryMap().entries()) {
            info.putLong(at, entry.start());
            info.putLong(at + 8, entry.length());
            info.putInt(at + 16, entry.type());
            at += MEMMAP_ENTRY_SIZE;
        }
        for (int i = 0; i < modules.size(); i++) {
            String argument = modules.get(i).argument();
            long address = argument.isEmpty() ? 0 : plan.string(argument, "the modules' text");
            info.putLong(modulesAt() + i * MODULE_SIZE + 16, address);
        }
        return info;
    }

    /** Modules go to the top of low memory: kernels use the memory after them without asking. */
    private void placeModules(List<Module> modules, long floor, ByteBuffer info) {
        for (int i = 0; i < modules.size(); i++) {
            BootFile file = modules.get(i).file();
            long start = plan.highest(file.size(), Math.max(BootLayout.HIGH_MEMORY, floor), BootLayout.FOUR_GIB);
            if (start < 0) {
                throw file.error(BootException.Kind.NOT_ENOUGH_MEMORY,
                        "%d bytes do not fit into the guest's memory beside the kernel".formatted(file.size()));
            }
            plan.load(file, 0, file.size(), start, file.size());
            info.putLong(modulesAt() + i * MODULE_SIZE, start);
            info.putLong(modulesAt() + i * MODULE_SIZE + 8, file.size());
        }
    }
}
