package jkvm.soft.cpu;

/** A run of decoded instructions that is entered at its first one only and ends with the first jump. */
final class Block {
    /** Offset of the first instruction in the code segment. */
    final long pc;
    /** The mode and the code segment that it was decoded for: a number of {@link CodeCache}. */
    final int context;
    final Insn[] code;
    /** Offset after the last instruction. */
    final long end;
    final CodePage page;
    /** The page's version when it was decoded. */
    final int version;
    /** The page that the last instruction reaches into, or null, and its version when it was decoded. */
    final CodePage second;
    final int secondVersion;
    /** The epoch of {@link CodeCache} in which its page was last seen to be mapped and unchanged. */
    int validIn;
    /** Where execution went on: by a jump, and without one. They hold in one epoch. */
    Block taken, fall;
    int linkedIn = -1;
    /** The first instruction as a block of its own; null until it is asked for. */
    private Block first;
    /** How often it was entered from another block, up to the threshold of compilation. */
    int heat;
    /** Instructions that the processor had executed when the block became part of another one's region; else 0. */
    long coveredAt;
    /** How often the threshold was doubled for this block. */
    int patience;
    /** The region that begins here, or null. */
    CompiledCode compiled;

    Block(long pc, int context, Insn[] code, CodePage page, CodePage second) {
        this.pc = pc;
        this.context = context;
        this.code = code;
        this.end = code[code.length - 1].after;
        this.page = page;
        this.version = page.version;
        this.second = second;
        this.secondVersion = second == null ? 0 : second.version;
    }

    /** The first instruction alone. */
    Block first() {
        if (code.length == 1) {
            return this;
        }
        if (first == null) {
            first = new Block(pc, context, new Insn[] {code[0]}, page, null);
        }
        return first;
    }

    /** Remembers where execution went on. */
    void link(boolean jumped, Block to, int epoch) {
        if (linkedIn != epoch) {
            linkedIn = epoch;
            taken = null;
            fall = null;
        }
        if (jumped) {
            taken = to;
        } else {
            fall = to;
        }
    }
}
