package jkvm.host.chardev;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that takes output and gives no input. */
final class FileLink extends StandingLink {
    private final Path path;
    private final FileChannel file;

    FileLink(Path path, boolean append) throws IOException {
        this.path = path;
        this.file = FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE,
                append ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING);
    }

    @Override
    public int read(byte[] to, int length) {
        return 0;
    }

    @Override
    public int send(byte[] from, int offset, int length) throws IOException {
        try {
            return file.write(ByteBuffer.wrap(from, offset, length));
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException(path + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void interrupt() {
        // Closing ends a thread's write to a FIFO without a reader.
        close();
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException _) {
            // Nothing is buffered here; there is nothing left to save.
        }
    }
}
