package jkvm.soft.cpu;

/** Where the decoder reads instruction bytes. */
interface CodeSource {
    /**
     * The byte at an offset of the code segment, 0 to 255.
     *
     * @throws jkvm.soft.mmu.GuestException #PF of the fetch, or #GP beyond the segment's limit
     */
    int codeByte(long offset);
}
