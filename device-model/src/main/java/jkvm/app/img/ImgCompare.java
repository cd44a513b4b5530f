package jkvm.app.img;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import jkvm.app.options.ErrorText;
import jkvm.host.disk.BlockStatus;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.linux.Fd;

/** {@code jkvm img compare}: tells whether two images show the same disk. */
final class ImgCompare {
    private static final int SAME = 0, DIFFERENT = 1, CANNOT_OPEN = 2, CANNOT_READ = 4;
    private static final int CHUNK = 2 << 20;
    private static final float PROGRESS_STEP = 2;

    private final DiskImages images;
    private final PrintStream out;
    private final PrintStream err;

    ImgCompare(DiskImages images, PrintStream out, PrintStream err) {
        this.images = images;
        this.out = out;
        this.err = err;
    }

    int run(List<String> words) {
        ImgArguments arguments = new ImgArguments("compare", words, "f:F:T:pqsU", "force-share:U",
                ImgArguments.IMAGE_OPTS);
        List<String> files = arguments.files(2, 2, "two image file names");
        try (Arena arena = Arena.ofConfined();
                DiskImage left = images.open(arguments.image(files.getFirst()), options(arguments, "f"));
                DiskImage right = images.open(arguments.image(files.getLast(), "F"), options(arguments, "F"))) {
            ImgProgress progress = ImgProgress.of(arguments, out, PROGRESS_STEP);
            try {
                progress.set(0);
                return new Comparison(left, right, progress, arena).run(arguments.has("s"), arguments.has("q"));
            } finally {
                progress.end();
            }
        } catch (IOException e) {
            err.println("jkvm: img compare: " + e.getMessage());
            return CANNOT_READ;
        } catch (RuntimeException e) {
            ErrorText.report(e, err);
            return CANNOT_OPEN;
        }
    }

    private static ImageOptions options(ImgArguments arguments, String format) {
        ImageOptions options = ImageOptions.READ_ONLY.withLocked(!arguments.has("U"))
                .withCache(ImgCommand.cache(arguments, "T", CacheMode.WRITEBACK));
        return ImgCommand.format(arguments, format).map(options::withFormat).orElse(options);
    }

    /** One comparison, from the disks' first byte to where they differ. */
    private final class Comparison {
        private final DiskImage left;
        private final DiskImage right;
        private final ImgProgress progress;
        private final MemorySegment leftBytes;
        private final MemorySegment rightBytes;
        private final long common;
        private final long longest;

        Comparison(DiskImage left, DiskImage right, ImgProgress progress, Arena arena) {
            this.left = left;
            this.right = right;
            this.progress = progress;
            this.leftBytes = arena.allocate(CHUNK, Fd.DIRECT_ALIGNMENT);
            this.rightBytes = arena.allocate(CHUNK, Fd.DIRECT_ALIGNMENT);
            this.common = Math.min(left.capacity(), right.capacity());
            this.longest = Math.max(left.capacity(), right.capacity());
        }

        int run(boolean strict, boolean quiet) throws IOException {
            PrintStream to = quiet ? new PrintStream(PrintStream.nullOutputStream()) : out;
            if (strict && common != longest) {
                to.println("Strict mode: Image size mismatch!");
                return DIFFERENT;
            }
            Optional<String> difference = compareCommon(strict);
            if (difference.isEmpty() && common != longest) {
                to.println("Warning: Image size mismatch!");
                difference = compareRest(left.capacity() > common ? left : right);
            }
            to.println(difference.orElse("Images are identical."));
            return difference.isPresent() ? DIFFERENT : SAME;
        }

        private Optional<String> compareCommon(boolean strict) throws IOException {
            for (long at = 0; at < common; ) {
                BlockStatus one = BlockStatus.inChain(left, at, left.capacity() - at);
                BlockStatus other = BlockStatus.inChain(right, at, right.capacity() - at);
                if (strict && !isStoredAlike(at, one, other)) {
                    return Optional.of("Strict mode: Offset " + at + " block status mismatch!");
                }
                long length = Math.min(common - at, Math.min(one.length(), other.length()));
                if (!one.zero() || !other.zero()) {
                    length = Math.min(length, CHUNK);
                    long same = one.zero() ? zeros(right, at, length) : other.zero() ? zeros(left, at, length)
                            : equal(at, length);
                    if (same < length) {
                        return mismatch(at + same);
                    }
                }
                at += length;
                progress.add((float) length / longest * 100);
            }
            return Optional.empty();
        }

        private boolean isStoredAlike(long at, BlockStatus one, BlockStatus other) {
            boolean bothEnd = at + one.length() == left.capacity() == (at + other.length() == right.capacity());
            return bothEnd && one.allocated() == other.allocated() && one.data() == other.data()
                    && one.zero() == other.zero() && one.offset() < 0 == other.offset() < 0;
        }

        private Optional<String> compareRest(DiskImage longer) throws IOException {
            for (long at = common; at < longest; ) {
                BlockStatus status = BlockStatus.inChain(longer, at, longest - at);
                long length = status.length();
                if (!status.zero()) {
                    length = Math.min(length, CHUNK);
                    long same = zeros(longer, at, length);
                    if (same < length) {
                        return mismatch(at + same);
                    }
                }
                at += length;
                progress.add((float) length / longest * 100);
            }
            return Optional.empty();
        }

        private static Optional<String> mismatch(long at) {
            return Optional.of("Content mismatch at offset " + at + "!");
        }

        /** @return how many bytes are the same, in sectors */
        private long equal(long at, long length) throws IOException {
            left.read(at, leftBytes, 0, length);
            right.read(at, rightBytes, 0, length);
            return mismatch(leftBytes.asSlice(0, length), rightBytes.asSlice(0, length));
        }

        /** @return how many bytes are zeros, in sectors */
        private long zeros(DiskImage image, long at, long length) throws IOException {
            image.read(at, leftBytes, 0, length);
            return ZeroBytes.count(leftBytes, 0, length);
        }

        private static long mismatch(MemorySegment one, MemorySegment other) {
            long at = one.mismatch(other);
            return at < 0 ? one.byteSize() : at & -DiskImage.SECTOR_SIZE;
        }
    }
}
