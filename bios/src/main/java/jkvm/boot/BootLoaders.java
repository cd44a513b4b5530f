package jkvm.boot;

/** Recognises kernels and puts them into guest memory. */
public final class BootLoaders {
    private BootLoaders() {
    }

    /**
     * Loads a kernel with all that it is to find in memory. In this order: a Linux bzImage, unless it is one that only
     * a multiboot header makes bootable; a multiboot 1 image; an ELF file with a PVH note; any other ELF file for x86
     * but one with a multiboot header that no loader of multiboot 1 takes.
     *
     * @return the state of the first vCPU
     * @throws BootException if a file cannot be read or booted, or does not fit; guest memory is unchanged then, but
     *                       for the case that reading a file fails half-way
     */
    public static EntryState load(BootRequest request) {
        if (request.memory().lowEnd() < BootLayout.HIGH_MEMORY) {
            throw new BootException("%d KiB of guest memory are too few for a kernel; give 1 MiB or more"
                    .formatted(request.memory().lowEnd() >> 10));
        }
        try (BootFile kernel = BootFile.open(BootException.Role.KERNEL, request.kernel().toString())) {
            return load(request, kernel);
        }
    }

    private static EntryState load(BootRequest request, BootFile kernel) {
        boolean isMultiboot = MultibootHeader.find(kernel).isPresent();
        if (LinuxHeader.isLinux(kernel) && !(isMultiboot && !LinuxHeader.read(kernel).isSupported())) {
            return LinuxLoader.load(request, kernel);
        }
        if (isMultiboot) {
            return MultibootLoader.load(request, kernel);
        }
        if (ElfFile.isElf(kernel)) {
            refuseBrokenMultiboot(kernel);
            return ElfLoader.load(request, kernel);
        }
        String problem = kernel.size() == 0 ? "is empty" : "is no Linux bzImage, multiboot image or ELF file";
        throw kernel.error(BootException.Kind.UNKNOWN_FORMAT, problem);
    }

    private static void refuseBrokenMultiboot(BootFile kernel) {
        String problem = BrokenMultiboot.problem(kernel);
        if (problem != null && ElfFile.parse(kernel).pvhEntry().isEmpty()) {
            throw kernel.error(problem);
        }
    }
}
