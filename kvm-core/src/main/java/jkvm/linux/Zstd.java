package jkvm.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Optional;

/**
 * Compression with the host's libzstd (RFC 8878), where it is installed: Debian's package libzstd1. Any thread may
 * call.
 */
@SuppressWarnings("restricted")
public final class Zstd {
    private static final String LIBRARY = "libzstd.so.1";
    /** ZSTD_CLEVEL_DEFAULT. */
    private static final int LEVEL = 3;
    /** The library's error codes are the negated numbers below it. */
    private static final long MAX_ERROR = 120;
    private static final long DESTINATION_TOO_SMALL = -70;

    /** Looked for by the first use. */
    private static final class Host {
        static final Optional<Zstd> ZSTD = load(LIBRARY);

        private Host() {
        }
    }

    private final MemorySegment compress;
    private final MemorySegment decompress;
    private final MemorySegment frameSize;

    private Zstd(SymbolLookup library) {
        compress = library.findOrThrow("ZSTD_compress");
        decompress = library.findOrThrow("ZSTD_decompress");
        frameSize = library.findOrThrow("ZSTD_findFrameCompressedSize");
    }

    /** The host's library; empty if it has none. */
    public static Optional<Zstd> ofHost() {
        return Host.ZSTD;
    }

    static Optional<Zstd> load(String library) {
        try {
            return Optional.of(new Zstd(SymbolLookup.libraryLookup(library, Arena.global())));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /**
     * Compresses native memory into one frame.
     *
     * @return how many bytes of {@code to} it takes; zero if it does not fit
     * @throws IllegalStateException if the library fails, as without memory
     */
    public long compress(MemorySegment from, MemorySegment to) {
        requireNative(from, to);
        long result = call(compress, to.address(), to.byteSize(), from.address(), from.byteSize(), LEVEL);
        if (result == DESTINATION_TOO_SMALL) {
            return 0;
        }
        if (isError(result)) {
            throw new IllegalStateException("libzstd failed: error " + -result);
        }
        return result;
    }

    /**
     * Decompresses the frames at the start of native memory, as many as are needed to fill {@code to}; the rest is
     * ignored.
     *
     * @return how many bytes of {@code to} were filled: fewer if there is no whole frame any more
     */
    public long decompress(MemorySegment from, MemorySegment to) {
        requireNative(from, to);
        long taken = 0;
        long filled = 0;
        while (filled < to.byteSize()) {
            long frame = call(frameSize, from.address() + taken, from.byteSize() - taken, 0, 0, 0);
            if (isError(frame) || frame == 0) {
                break;
            }
            long result = call(decompress, to.address() + filled, to.byteSize() - filled, from.address() + taken,
                    frame, 0);
            if (isError(result)) {
                break;
            }
            taken += frame;
            filled += result;
        }
        return filled;
    }

    private static void requireNative(MemorySegment from, MemorySegment to) {
        if (!from.isNative() || !to.isNative()) {
            throw new IllegalArgumentException("a library reaches native memory only");
        }
    }

    private static boolean isError(long result) {
        return result < 0 && result > -MAX_ERROR;
    }

    private static long call(MemorySegment function, long a, long b, long c, long d, long e) {
        try (Arena arena = Arena.ofConfined()) {
            return FfmSyscalls.callFunction(FfmSyscalls.newCapture(arena), function, a, b, c, d, e);
        }
    }
}
