package jkvm.soft.cpu;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import jkvm.soft.mmu.CodeWatch;
import jkvm.soft.mmu.GuestException;
import jkvm.soft.mmu.Interruption;
import jkvm.soft.mmu.Mmu;

/**
 * The decoded instructions of one vCPU. A block is found by RIP and context (mode word, base and limit of CS).
 *
 * <p>Decoded code may become wrong in three ways. The vCPU writes into it: the page is not in the write TLB, and the
 * MMU tells ({@link CodeWatch}). Someone else writes (a device, user space, another vCPU): each page's bytes are
 * compared with a copy once in a generation; {@link #newGeneration} begins one at each KVM_RUN, at deliveries, at
 * serialising instructions and some 100,000 instructions. Or the address is mapped to another page: the MMU counts its
 * flushes. Each of them begins a new epoch, and links between blocks hold in one epoch only.
 *
 * <p>Not final for a test, which changes bytes between two reads of the decoder.
 */
@SuppressWarnings("restricted")
class CodeCache implements CodeSource, CodeWatch {
    private static final int TLB_ENTRIES = 256, RECENT = 4096, MAX_PAGES = 4096, MAX_CONTEXTS = 1024;
    /** Instructions of the longest block. */
    static final int MAX_BLOCK = 48;
    /** Instructions that are kept decoded, some 200 bytes each: what Linux executes until its prompt. */
    private static final int MAX_DECODED = 1 << 19;
    private static final long NO_TAG = 2;
    private static final MemorySegment HOST = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    /** Mode word, base and limit of CS. */
    private record Context(int mode, long base, long limit) {
        // Written out: a record's own equals and hashCode are linked at their first use, which is every guest's start.
        @Override
        public boolean equals(Object other) {
            return other instanceof Context c && mode == c.mode && base == c.base && limit == c.limit;
        }

        @Override
        public int hashCode() {
            return (Long.hashCode(base) * 31 + Long.hashCode(limit)) * 31 + mode;
        }
    }

    private final Cpu cpu;
    private final Decoder decoder;
    private final long[] tags = new long[TLB_ENTRIES];
    private final CodePage[] tlb = new CodePage[TLB_ENTRIES];
    private final Block[] recent = new Block[RECENT];
    private final CodePages pages = new CodePages();
    private final Map<Context, Integer> contexts = new HashMap<>();
    private final Insn[] building = new Insn[MAX_BLOCK];
    /** Instructions that were decoded since some were last forgotten, and those that are still kept from before. */
    private int decoded;
    private int generation;
    private int translations = -1;
    /** Changes whenever a block may have become invalid. */
    int epoch;
    /** Number of the context in force. */
    private int context;
    private int mode = -1;
    private long base, limit;
    /** Counts pages whose blocks were forgotten since their bytes had changed. */
    private int invalidations;
    /** The page that the decoder read from last. */
    private long sourceTag = NO_TAG;
    private CodePage sourcePage;

    CodeCache(Cpu cpu) {
        this.cpu = cpu;
        this.decoder = new Decoder(this, cpu.fault);
        Arrays.fill(tags, NO_TAG);
        cpu.mmu.watchCode(this);
    }

    /** Bytes of code may have been changed by others: each page is compared before it is used again. */
    void newGeneration() {
        generation++;
        epoch++;
    }

    /** Forgets everything. */
    void clear() {
        pages.clear();
        decoded = 0;
        contexts.clear();
        mode = -1;
        forgetPlaces();
    }

    /** There is too much decoded code: forgets the pages without compiled code, and all if that does not help. */
    private void shrink() {
        decoded = pages.keepCompiled();
        if (decoded > MAX_DECODED / 2 || pages.size() > MAX_PAGES / 2) {
            pages.clear();
            decoded = 0;
        }
        forgetPlaces();
    }

    private void forgetPlaces() {
        Arrays.fill(recent, null);
        Arrays.fill(tlb, null);
        Arrays.fill(tags, NO_TAG);
        sourceTag = NO_TAG;
        epoch++;
    }

    /** Takes over mode, code segment and translations as they are now. */
    void synchronize() {
        if (translations != cpu.mmu.translations) {
            translations = cpu.mmu.translations;
            Arrays.fill(tags, NO_TAG);
            sourceTag = NO_TAG;
            epoch++;
        }
        Segment cs = cpu.segments[Segment.CS];
        boolean is64 = (cpu.mode & CpuMode.CODE_64) != 0;
        long newBase = is64 ? 0 : cs.base;
        long newLimit = is64 ? -1 : cs.limit;
        if (cpu.mode != mode || newBase != base || newLimit != limit) {
            enter(cpu.mode, newBase, newLimit);
        }
    }

    private void enter(int newMode, long newBase, long newLimit) {
        if (contexts.size() >= MAX_CONTEXTS) {
            clear();
        }
        mode = newMode;
        base = newBase;
        limit = newLimit;
        Context key = new Context(mode, base, limit);
        Integer number = contexts.get(key);
        if (number == null) {
            number = nextContext++;
            contexts.put(key, number);
        }
        context = number;
    }

    private int nextContext;

    /** The block at an offset if it was used lately and its page in this generation; else null. */
    Block find(long pc) {
        Block b = recent[hash(pc)];
        return b != null && b.pc == pc && b.context == context && (b.validIn == epoch || isStillValid(b)) ? b : null;
    }

    /** True if the block's page is known to be mapped as before and unchanged. Neither walks nor compares. */
    private boolean isStillValid(Block b) {
        long linear = linear(b.pc);
        int i = tlbIndex(linear);
        CodePage page = b.page;
        if (b.second != null || tags[i] != tag(linear) || tlb[i] != page || page.generation != generation
                || page.version != b.version) {
            return false;
        }
        b.validIn = epoch;
        return true;
    }

    private long tag(long linear) {
        return linear & Mmu.PAGE_MASK | (mode & CpuMode.USER) >> 2;
    }

    private static int tlbIndex(long linear) {
        return (int) (linear >>> 12) & TLB_ENTRIES - 1;
    }

    private int hash(long pc) {
        return (int) (pc ^ pc >>> 12) & RECENT - 1;
    }

    /**
     * The block at an offset, decoded if need be.
     *
     * @throws GuestException the fault of fetching its first instruction
     * @throws Interruption   {@link Interruption#FETCH}
     */
    Block get(long pc) {
        Block b = find(pc);
        if (b != null) {
            return b;
        }
        if (decoded >= MAX_DECODED || pages.size() >= MAX_PAGES) {
            shrink();
        }
        long linear = linear(pc);
        CodePage page = page(linear);
        b = page.find(pc, context);
        if (b == null || b.second != null && !isSecondValid(b)) {
            b = decode(pc, page);
            b.page.add(b);
        }
        b.validIn = epoch;
        recent[hash(pc)] = b;
        return b;
    }

    private boolean isSecondValid(Block b) {
        try {
            return page(linear(b.end - 1)) == b.second && b.second.version == b.secondVersion;
        } catch (GuestException | Interruption e) {
            return false;
        }
    }

    private long linear(long pc) {
        return (mode & CpuMode.CODE_64) != 0 ? pc : base + pc & 0xFFFFFFFFL;
    }

    /**
     * Decodes a block. Where another processor changes bytes meanwhile that were decoded before, the page is forgotten
     * in the middle and no longer knows the bytes that this block has already read: it would not notice their next
     * change. So the block is decoded anew, from a page of which nothing is known and which meets no difference.
     */
    private Block decode(long pc, CodePage page) {
        Block block;
        int before;
        do {
            before = invalidations;
            block = decodeOnce(pc, page);
        } while (invalidations != before);
        decoded += block.code.length;
        return block;
    }

    private Block decodeOnce(long pc, CodePage page) {
        sourceTag = NO_TAG;
        int count = 0;
        long at = pc;
        CodePage second = null;
        while (count < MAX_BLOCK) {
            Insn in;
            try {
                in = decoder.decode(at, mode, cpu.features, limit);
            } catch (GuestException | Interruption e) {
                if (count == 0) {
                    throw e;
                }
                break;
            }
            building[count++] = in;
            at = in.after;
            boolean leftPage = (linear(at - 1) ^ linear(pc)) >>> 12 != 0;
            if (leftPage) {
                second = sourcePage;
            }
            if (in.ends || leftPage || (linear(at) ^ linear(pc)) >>> 12 != 0) {
                break;
            }
        }
        return new Block(pc, context, Arrays.copyOf(building, count), page, second);
    }

    @Override
    public int codeByte(long offset) {
        if ((mode & CpuMode.CODE_64) == 0 && offset > limit) {
            throw cpu.fault.of(GuestException.GP, 0);
        }
        long linear = linear(offset);
        if ((linear & Mmu.PAGE_MASK) != sourceTag) {
            sourcePage = page(linear);
            sourceTag = linear & Mmu.PAGE_MASK;
        }
        if (!sourcePage.watched) {
            sourcePage.watched = true;
            cpu.mmu.protectCode(sourcePage.host);
        }
        int b = sourcePage.read(HOST, (int) linear & 0xFFF);
        if (b < 0) {
            invalidate(sourcePage);
            b = sourcePage.read(HOST, (int) linear & 0xFFF);
        }
        return b;
    }

    /** The page that a linear address executes from, its bytes compared in this generation. */
    private CodePage page(long linear) {
        long tag = tag(linear);
        int i = tlbIndex(linear);
        CodePage page;
        if (tags[i] == tag) {
            page = tlb[i];
        } else {
            page = pageAt(cpu.mmu.executablePage(linear));
            tags[i] = tag;
            tlb[i] = page;
        }
        if (page.generation != generation) {
            if (!page.isUnchanged(HOST)) {
                invalidate(page);
            }
            page.generation = generation;
        }
        return page;
    }

    private CodePage pageAt(long host) {
        if (host == 0) {
            throw Interruption.FETCH;
        }
        CodePage page = pages.get(host);
        if (page == null) {
            page = new CodePage(host);
            page.generation = generation;
            pages.put(page);
        }
        return page;
    }

    private void invalidate(CodePage page) {
        page.clear();
        epoch++;
        invalidations++;
    }

    @Override
    public boolean watches(long hostPage) {
        CodePage page = pages.get(hostPage);
        return page != null && page.watched;
    }

    @Override
    public boolean isCode(long hostAddress, int size) {
        CodePage page = pages.get(hostAddress & Mmu.PAGE_MASK);
        return page != null && page.isDecoded((int) hostAddress & 0xFFF, size);
    }

    @Override
    public void codeWritten(long hostAddress, int size) {
        CodePage page = pages.get(hostAddress & Mmu.PAGE_MASK);
        if (page != null) {
            // Without decoded bytes the page may be written fast again.
            page.watched = false;
            invalidate(page);
        }
    }
}
