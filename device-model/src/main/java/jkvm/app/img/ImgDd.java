package jkvm.app.img;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jkvm.host.disk.ByteSize;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.linux.Fd;

/** {@code jkvm img dd}: copies blocks of an image into a new one, zeros too. */
final class ImgDd {
    private static final int CHUNK = 1 << 20;

    private final DiskImages images;
    private final PrintStream err;

    ImgDd(DiskImages images, PrintStream err) {
        this.images = images;
        this.err = err;
    }

    int run(List<String> words) {
        ImgArguments arguments = new ImgArguments("dd", words, "f:O:U", "force-share:U", ImgArguments.IMAGE_OPTS);
        Map<String, String> operands = operands(arguments);
        ImageFormat format = ImgCommand.format(arguments, "O").orElse(ImageFormat.RAW);
        long block = number(arguments, operands, "bs", DiskImage.SECTOR_SIZE);
        if (block < 1 || block > Integer.MAX_VALUE) {
            throw arguments.error("bs must be between 1 and " + Integer.MAX_VALUE);
        }
        long count = number(arguments, operands, "count", Long.MAX_VALUE);
        long skip = number(arguments, operands, "skip", 0);
        String input = operands.get("if");
        String output = operands.get("of");
        if (input == null || output == null) {
            throw arguments.error("needs an input and an output: if=FILE of=FILE");
        }
        try (DiskImage source = images.open(arguments.image(input), ImgCommand.source(arguments))) {
            // As in qemu-img, blocks that are skipped count.
            long end = count > source.capacity() / block ? source.capacity() : count * block;
            boolean none = skip > end / block;
            if (none) {
                err.println("jkvm: img dd: " + input + ": cannot skip to specified offset");
            }
            long start = none ? end : skip * block;
            images.create(output, format, CreateValues.ofSize(end - start));
            ImageOptions options = ImageOptions.WRITABLE.withFormat(format);
            try (DiskImage target = images.open(DiskImages.parse(output), options)) {
                copy(source, start, end, target);
                target.flush();
            }
            return 0;
        } catch (IOException e) {
            throw arguments.error(e.getMessage());
        }
    }

    private static Map<String, String> operands(ImgArguments arguments) {
        Map<String, String> operands = new HashMap<>();
        for (String word : arguments.files(0, Integer.MAX_VALUE, "")) {
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            if (equals < 0 || !List.of("bs", "count", "skip", "if", "of").contains(name)) {
                throw arguments.error("unknown operand " + name + ": there are bs=, count=, skip=, if=, of=");
            }
            operands.put(name, word.substring(equals + 1));
        }
        return operands;
    }

    private static long number(ImgArguments arguments, Map<String, String> operands, String name, long absent) {
        String text = operands.get(name);
        long value = text == null ? absent : ByteSize.parse(text).orElse(-1);
        if (value < 0) {
            throw arguments.error(name + "=" + text + " is no number: write one, maybe with k, M, G or T");
        }
        return value;
    }

    private static void copy(DiskImage source, long start, long end, DiskImage target) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(CHUNK, Fd.DIRECT_ALIGNMENT);
            for (long at = start; at < end; at += CHUNK) {
                long length = Math.min(CHUNK, end - at);
                source.read(at, buffer, 0, length);
                target.write(at - start, buffer, 0, length);
            }
        }
    }
}
