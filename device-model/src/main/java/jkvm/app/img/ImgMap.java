package jkvm.app.img;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import jkvm.host.disk.BlockStatus;
import jkvm.host.disk.DiskImage;
import jkvm.host.image.DiskImages;

/** {@code jkvm img map}: tells where a disk's bytes are stored, in which file of its chain. */
final class ImgMap {
    private final DiskImages images;
    private final PrintStream out;
    private boolean first = true;

    ImgMap(DiskImages images, PrintStream out) {
        this.images = images;
        this.out = out;
    }

    int run(List<String> words) {
        ImgArguments arguments = new ImgArguments("map", words, "f:Us:l:", "format=:f", "output=", "force-share:U",
                "start-offset=:s", "max-length=:l", ImgArguments.IMAGE_OPTS);
        String file = arguments.files(1, 1, "one image file name").getFirst();
        boolean json = arguments.json();
        long start = arguments.size("s", "--start-offset", 0);
        long length = arguments.size("l", "--max-length", Long.MAX_VALUE);
        try (DiskImage image = images.open(arguments.image(file), ImgCommand.source(arguments))) {
            if (!json) {
                out.printf("%-16s%-16s%-16s%s%n", "Offset", "Length", "Mapped to", "File");
            }
            long end = length > image.capacity() - start ? image.capacity() : start + length;
            print(image, start, end, json);
            return 0;
        } catch (IOException e) {
            throw arguments.error(e.getMessage());
        }
    }

    private void print(DiskImage image, long from, long to, boolean json) throws IOException {
        long start = from;
        BlockStatus current = new BlockStatus(0, 0, false, false, false, BlockStatus.NOWHERE, null);
        for (long at = from; at < to; ) {
            BlockStatus next = BlockStatus.inChain(image, at, to - at);
            if (current.continuesWith(next)) {
                current = current.withLength(current.length() + next.length());
            } else {
                if (current.length() > 0) {
                    print(start, current, json);
                }
                start = at;
                current = next;
            }
            at += next.length();
        }
        print(start, current, json);
        if (json) {
            out.println("]");
        }
    }

    private void print(long start, BlockStatus status, boolean json) throws IOException {
        if (json) {
            out.print((first ? "[" : ",\n") + "{ \"start\": " + start + ", \"length\": " + status.length()
                    + ", \"depth\": " + status.depth() + ", \"present\": " + status.allocated() + ", \"zero\": "
                    + status.zero() + ", \"data\": " + status.data()
                    + (status.offset() < 0 ? "" : ", \"offset\": " + status.offset()) + "}");
            first = false;
        } else if (status.data() && !status.zero()) {
            if (status.offset() < 0) {
                throw new IOException(
                        "the image has compressed or encrypted clusters, which have no offset: use --output=json");
            }
            out.printf("%-16s%-16s%-16s%s%n", hex(start), hex(status.length()), hex(status.offset()), status.file());
        }
    }

    /** As C's {@code %#x}. */
    private static String hex(long value) {
        return value == 0 ? "0" : "0x" + Long.toHexString(value);
    }
}
