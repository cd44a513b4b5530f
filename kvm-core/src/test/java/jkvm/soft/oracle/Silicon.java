package jkvm.soft.oracle;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * The host's processor: a child process that runs snippets (guest/oracle/silicon.S). Batches of up to {@link #BATCH}
 * snippets go through memory that both processes share. Not safe for several threads.
 */
final class Silicon implements AutoCloseable {
    static final int BATCH = 1021;
    private static final int SHARED_SIZE = 0x40_0000;
    private static final int COUNT = 0, FEATURES = 4;
    private static final int HAS_FSGSBASE = 1, HAS_DISPATCH = 2, HAS_SEGMENTS = 4, HAS_AVX = 8;
    private static final int RECORD = 4096, OUT = 2048, FLAGS = 0, LENGTH = 4, CODE = 8, DATA_SEGMENTS = 72,
            REGISTERS = 80, FS_BASE = 264, GS_BASE = 272, PLACE = 280, FX = 320, YMM = 768, MEMORY = 1024;
    private static final int REPEAT = 1;
    /** Indices of struct sigcontext, by register number. */
    private static final int[] ORDER = {13, 14, 12, 11, 15, 10, 9, 8, 0, 1, 2, 3, 4, 5, 6, 7};
    private static final int RIP = 16, EFLAGS = 17, SEGMENTS = 18, ERROR = 19, TRAP = 20, CR2 = 22;
    private static final int SIGTRAP = 5, SIGVTALRM = 26, SIGSYS = 31;
    private static final int TF = 0x100, DEBUG_VECTOR = 1, BREAKPOINT_VECTOR = 3;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;

    private final Path folder;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment shared;
    private final Process process;
    private final OutputStream toChild;
    private final InputStream fromChild;
    private final boolean entersSegments;
    private int count;

    /** Starts the child. */
    Silicon() {
        try {
            folder = Files.createTempDirectory("jkvm-silicon",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path file = folder.resolve("shared");
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ,
                    StandardOpenOption.WRITE)) {
                shared = channel.map(FileChannel.MapMode.READ_WRITE, 0, SHARED_SIZE, arena);
            }
            Path program = folder.resolve("silicon");
            try (InputStream image = Objects.requireNonNull(Silicon.class.getResourceAsStream("silicon.bin"))) {
                Files.copy(image, program);
            }
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
            process = new ProcessBuilder(program.toString(), file.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT).start();
            toChild = process.getOutputStream();
            fromChild = process.getInputStream();
            await();
            entersSegments = has(HAS_SEGMENTS) && entersSegments();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** True where RDFSBASE and its kin may be used, and segment bases are therefore known. */
    boolean hasFsgsbase() {
        return has(HAS_FSGSBASE);
    }

    /** True where a system call of a snippet ends in a signal. */
    boolean catchesSystemCalls() {
        return has(HAS_DISPATCH);
    }

    /** True where 16- and 32-bit snippets may run. */
    boolean hasSegments() {
        return entersSegments;
    }

    /** A kernel that is itself the guest of PVM takes segments for code of 32 bits, and faults on the way there. */
    private boolean entersSegments() {
        Snippet increment = Snippet.of(Windows.LDT_CODE32, new byte[] {0x40});
        State out = new State();
        add(increment);
        run();
        result(0, out);
        return out.cs == Windows.LDT_CODE32;
    }

    boolean hasAvx() {
        return has(HAS_AVX);
    }

    private boolean has(int feature) {
        return (shared.get(INT, FEATURES) & feature) != 0;
    }

    /** Adds a snippet to the batch. */
    void add(Snippet snippet) {
        if (count == BATCH) {
            throw new IllegalStateException("batch is full");
        }
        long at = RECORD * (long) ++count;
        State in = snippet.in;
        shared.set(INT, at + FLAGS, snippet.repeat ? REPEAT : 0);
        shared.set(INT, at + LENGTH, snippet.length);
        MemorySegment.copy(snippet.code, 0, shared, ValueLayout.JAVA_BYTE, at + CODE, snippet.code.length);
        shared.set(SHORT, at + DATA_SEGMENTS, (short) in.ds);
        shared.set(SHORT, at + DATA_SEGMENTS + 2, (short) in.es);
        for (int i = 0; i < ORDER.length; i++) {
            shared.set(LONG, at + REGISTERS + 8 * ORDER[i], in.r[i]);
        }
        shared.set(LONG, at + REGISTERS + 8 * RIP, in.rip);
        shared.set(LONG, at + REGISTERS + 8 * EFLAGS, in.flags | (snippet.step ? TF : 0));
        shared.set(LONG, at + REGISTERS + 8 * SEGMENTS, in.cs | (long) in.ss << 48);
        shared.set(LONG, at + FS_BASE, in.fsBase);
        shared.set(LONG, at + GS_BASE, in.gsBase);
        shared.set(LONG, at + PLACE, snippet.place);
        MemorySegment.copy(in.fx, 0, shared, ValueLayout.JAVA_BYTE, at + FX, in.fx.length);
        MemorySegment.copy(in.ymm, 0, shared, ValueLayout.JAVA_BYTE, at + YMM, in.ymm.length);
        MemorySegment.copy(in.memory, 0, shared, ValueLayout.JAVA_BYTE, at + MEMORY, in.memory.length);
    }

    /** Runs the batch and empties it. */
    void run() {
        shared.set(INT, COUNT, count);
        count = 0;
        try {
            toChild.write(1);
            toChild.flush();
            await();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void await() throws IOException {
        if (fromChild.read() < 0) {
            try {
                process.waitFor(5, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            int left = shared.get(INT, COUNT);
            throw new IOException("the child ended with " + (process.isAlive() ? "nothing" : process.exitValue())
                    + ", " + left + " snippets before the batch's end");
        }
    }

    /** Reads the result of a snippet of the last batch, by its place in it. */
    void result(int index, State out) {
        long at = RECORD * (index + 1L) + OUT;
        for (int i = 0; i < ORDER.length; i++) {
            out.r[i] = shared.get(LONG, at + REGISTERS + 8 * ORDER[i]);
        }
        out.rip = shared.get(LONG, at + REGISTERS + 8 * RIP);
        out.flags = shared.get(LONG, at + REGISTERS + 8 * EFLAGS);
        long segments = shared.get(LONG, at + REGISTERS + 8 * SEGMENTS);
        out.cs = (int) segments & 0xFFFF;
        out.fs = shared.get(SHORT, at + DATA_SEGMENTS + 4) & 0xFFFF;
        out.gs = shared.get(SHORT, at + DATA_SEGMENTS + 6) & 0xFFFF;
        out.ss = (int) (segments >>> 48);
        out.ds = shared.get(SHORT, at + DATA_SEGMENTS) & 0xFFFF;
        out.es = shared.get(SHORT, at + DATA_SEGMENTS + 2) & 0xFFFF;
        out.fsBase = shared.get(LONG, at + FS_BASE);
        out.gsBase = shared.get(LONG, at + GS_BASE);
        MemorySegment.copy(shared, ValueLayout.JAVA_BYTE, at + FX, out.fx, 0, out.fx.length);
        MemorySegment.copy(shared, ValueLayout.JAVA_BYTE, at + YMM, out.ymm, 0, out.ymm.length);
        MemorySegment.copy(shared, ValueLayout.JAVA_BYTE, at + MEMORY, out.memory, 0, out.memory.length);
        ending(at, out);
    }

    private void ending(long at, State out) {
        int signal = shared.get(INT, at + FLAGS);
        int vector = (int) shared.get(LONG, at + REGISTERS + 8 * TRAP);
        out.error = 0;
        out.cr2 = 0;
        out.note = "";
        if (signal == SIGVTALRM) {
            out.vector = State.ENDLESS;
        } else if (signal == SIGSYS) {
            out.vector = State.OTHER;
            out.note = "system call";
        } else if (signal == SIGTRAP && vector == DEBUG_VECTOR) {
            out.vector = State.COMPLETE;
        } else if (signal == SIGTRAP && vector == BREAKPOINT_VECTOR) {
            out.vector = State.COMPLETE;
            out.rip--;
        } else {
            out.vector = vector;
            out.error = shared.get(LONG, at + REGISTERS + 8 * ERROR);
            out.cr2 = vector == 14 ? shared.get(LONG, at + REGISTERS + 8 * CR2) : 0;
        }
    }

    @Override
    public void close() {
        try (arena) {
            toChild.close();
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Files.deleteIfExists(folder.resolve("shared"));
            Files.deleteIfExists(folder.resolve("silicon"));
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
