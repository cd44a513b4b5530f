package jkvm.app.img;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.linux.Fd;

/** {@code jkvm img bench}: times requests to an image. */
final class ImgBench {
    private static final int MAX_THREADS = 64, DEFAULT_COUNT = 75_000, DEFAULT_DEPTH = 64, DEFAULT_SIZE = 4096;
    private static final String FLUSH_INTERVAL = "flush-interval", PATTERN = "pattern", NO_DRAIN = "no-drain";
    private static final double NANOS = 1e9;

    private final DiskImages images;
    private final PrintStream out;

    ImgBench(DiskImages images, PrintStream out) {
        this.images = images;
        this.out = out;
    }

    /** @param flushEvery so many writes are followed by a flush; 0 for none */
    private record Load(long count, int depth, boolean writes, int size, long step, long offset, long flushEvery,
            boolean drains, int pattern) {
    }

    int run(List<String> words) {
        ImgArguments arguments = new ImgArguments("bench", words, "c:d:f:i:no:qs:S:t:wU", FLUSH_INTERVAL + "=",
                PATTERN + "=", NO_DRAIN, "force-share:U", ImgArguments.IMAGE_OPTS);
        Load load = load(arguments);
        String file = arguments.files(1, 1, "one image file name").getFirst();
        CacheMode cache = ImgCommand.cache(arguments, "t", CacheMode.WRITEBACK);
        String aio = arguments.has("n") ? "native" : arguments.value("i").orElse("threads");
        if (!List.of("threads", "native", "io_uring").contains(aio)) {
            throw arguments.error("-i must be threads, native or io_uring");
        }
        if (aio.equals("native") && !cache.isDirect()) {
            throw arguments.error("-i native needs -t none or -t directsync");
        }
        ImageOptions options = ImgCommand.source(arguments).withReadOnly(!load.writes).withCache(cache);
        if (load.writes) {
            ImgCommand.refuseShared(arguments);
        }
        try (DiskImage image = images.open(arguments.image(file), options)) {
            out.printf("Sending %d %s requests, %d bytes each, %d in parallel (starting at offset %d, step size %d)%n",
                    load.count, load.writes ? "write" : "read", load.size, load.depth, load.offset, load.step);
            if (load.flushEvery > 0) {
                out.printf("Sending flush every %d requests%n", load.flushEvery);
            }
            long start = System.nanoTime();
            run(image, load, cache.writesThrough());
            out.printf(Locale.ROOT, "Run completed in %3.3f seconds.%n", (System.nanoTime() - start) / NANOS);
            return 0;
        } catch (IOException | ExecutionException | InterruptedException e) {
            throw arguments.error("a request failed: " + (e.getCause() == null ? e : e.getCause()).getMessage());
        }
    }

    private static Load load(ImgArguments arguments) {
        long count = number(arguments, "c", "-c", DEFAULT_COUNT, 0, Integer.MAX_VALUE);
        int depth = (int) number(arguments, "d", "-d", DEFAULT_DEPTH, 1, Integer.MAX_VALUE);
        boolean writes = arguments.has("w");
        long size = arguments.size("s", "-s", DEFAULT_SIZE);
        long step = arguments.size("S", "-S", 0);
        if (size > Integer.MAX_VALUE || step > Integer.MAX_VALUE) {
            throw arguments.error("-s and -S must be at most " + Integer.MAX_VALUE);
        }
        long flush = number(arguments, FLUSH_INTERVAL, "--" + FLUSH_INTERVAL, 0, 0, Integer.MAX_VALUE);
        if (flush > 0 && !writes) {
            throw arguments.error("--flush-interval is for writes: it needs -w");
        }
        if (flush > 0 && flush < depth) {
            throw arguments.error("--flush-interval must be at least the depth, " + depth);
        }
        return new Load(count, depth, writes, (int) size, step == 0 ? size : step, arguments.size("o", "-o", 0), flush,
                !arguments.has(NO_DRAIN), (int) number(arguments, PATTERN, "--" + PATTERN, 0, 0, 0xff));
    }

    private static long number(ImgArguments arguments, String name, String option, long absent, long low, long high) {
        String text = arguments.value(name).orElse(Long.toString(absent));
        try {
            long value = Long.decode(text);
            if (value >= low && value <= high) {
                return value;
            }
        } catch (NumberFormatException _) {
            // As any other that is not in the range.
        }
        throw arguments.error(option + " must be a number from " + low + " to " + high + ", not " + text);
    }

    private static void run(DiskImage image, Load load, boolean through)
            throws IOException, ExecutionException, InterruptedException {
        int threads = Math.clamp(load.count, 1, Math.min(load.depth, MAX_THREADS));
        Semaphore free = new Semaphore(threads);
        List<Future<?>> sent = new ArrayList<>();
        try (Arena arena = Arena.ofShared(); ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            MemorySegment data = arena.allocate(Math.max(1, load.size), Fd.DIRECT_ALIGNMENT);
            data.fill((byte) load.pattern);
            long offset = load.offset;
            for (long i = 0; i < load.count; i++) {
                free.acquire();
                long at = offset;
                sent.add(executor.submit(() -> {
                    try {
                        request(image, at, data, load, through);
                    } finally {
                        free.release();
                    }
                    return null;
                }));
                offset = image.capacity() == 0 ? 0 : (offset + load.step) % image.capacity();
                if (load.flushEvery > 0 && (i + 1) % load.flushEvery == 0) {
                    if (load.drains) {
                        await(sent);
                    }
                    image.flush();
                }
                if (sent.size() > 2 * MAX_THREADS) {
                    await(sent);
                }
            }
            await(sent);
        }
    }

    private static void request(DiskImage image, long at, MemorySegment data, Load load, boolean through)
            throws IOException {
        if (at > image.capacity() - load.size) {
            throw new IOException(load.size + " bytes at offset " + at + " reach past the end of the disk");
        }
        if (load.writes) {
            image.write(at, data, 0, load.size);
            if (through) {
                image.flush();
            }
        } else {
            image.read(at, data, 0, load.size);
        }
    }

    private static void await(List<Future<?>> sent) throws ExecutionException, InterruptedException {
        for (Future<?> each : sent) {
            each.get();
        }
        sent.clear();
    }
}
