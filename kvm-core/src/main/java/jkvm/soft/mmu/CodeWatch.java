package jkvm.soft.mmu;

/**
 * The MMU's view of the cache of decoded code: the MMU tells it of writes, so that changed code is decoded again.
 * Pages that hold decoded code get no write tag ({@link Mmu#protectCode}): each write to them comes here. Called on the
 * vCPU's thread.
 */
public interface CodeWatch {
    /** No code is decoded, so no page is watched. */
    CodeWatch NONE = new CodeWatch() {
        @Override
        public boolean watches(long hostPage) {
            return false;
        }

        @Override
        public boolean isCode(long hostAddress, int size) {
            return false;
        }

        @Override
        public void codeWritten(long hostAddress, int size) {
            throw new AssertionError("no page is watched");
        }
    };

    /** True if the page at this host address holds decoded code: it must not enter the write TLB. */
    boolean watches(long hostPage);

    /** True if the bytes, all in one page, are part of decoded code. */
    boolean isCode(long hostAddress, int size);

    /** The bytes have just been changed; asked only where {@link #isCode} is true. */
    void codeWritten(long hostAddress, int size);
}
