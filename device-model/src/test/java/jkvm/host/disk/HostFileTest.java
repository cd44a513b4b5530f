package jkvm.host.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import jkvm.host.disk.qcow2.MemoryFile;
import jkvm.host.disk.qcow2.TestDisks;
import jkvm.linux.Errno;
import jkvm.linux.FaultySyscalls;
import jkvm.linux.Fd;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.LinuxException;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostFileTest {
    @TempDir
    private Path folder;
    private final FaultySyscalls kernel = FaultySyscalls.over(new FfmSyscalls());

    /** Moves a third of each transfer at most. */
    private record ShortTransfers(Syscalls real) implements Syscalls {
        @Override
        public long call(long number, long a0, long a1, long a2, long a3, long a4, long a5) {
            boolean transfer = number == SyscallNumber.PREAD64 || number == SyscallNumber.PWRITE64;
            return real.call(number, a0, a1, transfer ? (a2 + 2) / 3 : a2, a3, a4, a5);
        }

        @Override
        public long installInterruptingSignal(int signal) {
            return real.installInterruptingSignal(signal);
        }
    }

    private HostFile open(Syscalls syscalls) throws IOException {
        return HostFile.open(syscalls, folder.resolve("file").toString(), Fd.O_RDWR | Fd.O_CREAT, true);
    }

    private static MemorySegment heap(byte... bytes) {
        return MemorySegment.ofArray(bytes);
    }

    @Test
    @DisplayName("short reads and writes are completed, interrupted ones repeated")
    void shouldCompleteShortTransfers() throws IOException {
        byte[] content = TestDisks.randomBytes(1, 3_000_000);
        byte[] back = new byte[content.length + 10];
        try (HostFile file = open(new ShortTransfers(kernel)); Arena arena = Arena.ofConfined()) {
            kernel.failNext(SyscallNumber.PWRITE64, Errno.EINTR).failNext(SyscallNumber.PREAD64, Errno.EINTR);
            file.write(5, heap(content));
            assertEquals(content.length + 5, file.read(0, heap(back)));
            assertArrayEquals(content, Arrays.copyOfRange(back, 5, content.length + 5));
            MemorySegment nativeCopy = arena.allocate(content.length);
            assertEquals(content.length, file.read(5, nativeCopy));
            assertArrayEquals(content, nativeCopy.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Test
    @DisplayName("after a flush has failed no flush succeeds")
    void shouldNeverForgetAFailedFlush() throws IOException {
        try (HostFile file = open(kernel)) {
            file.write(0, heap((byte) 1));
            kernel.failNext(SyscallNumber.FDATASYNC, Errno.EINTR).failNext(SyscallNumber.FDATASYNC, Errno.EIO);
            IOException first = assertThrows(IOException.class, file::flush);
            assertTrue(first.getMessage().contains("EIO"), first.getMessage());
            IOException second = assertThrows(IOException.class, file::flush);
            assertTrue(second.getMessage().contains("may be lost"), second.getMessage());
        }
    }

    @Test
    @DisplayName("of two flushes at the same time neither succeeds if one fails")
    void shouldNotLetAFlushSucceedBesideOneThatFails() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch mayFail = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        // As the kernel does: it tells one caller of the error, and the pages are clean for the next.
        Syscalls once = new Syscalls() {
            @Override
            public long call(long number, long a0, long a1, long a2, long a3, long a4, long a5) {
                if (number != SyscallNumber.FDATASYNC || calls.getAndIncrement() > 0) {
                    return kernel.call(number, a0, a1, a2, a3, a4, a5);
                }
                entered.countDown();
                try {
                    mayFail.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return -Errno.EIO.code();
            }

            @Override
            public long installInterruptingSignal(int signal) {
                return kernel.installInterruptingSignal(signal);
            }
        };
        try (HostFile file = open(once)) {
            AtomicInteger failures = new AtomicInteger();
            Runnable flush = () -> {
                try {
                    file.flush();
                } catch (IOException e) {
                    failures.incrementAndGet();
                }
            };
            Thread first = Thread.ofPlatform().start(flush);
            entered.await();
            Thread second = Thread.ofPlatform().start(flush);
            while (second.isAlive() && second.getState() != Thread.State.BLOCKED) {
                Thread.onSpinWait();
            }
            mayFail.countDown();
            first.join();
            second.join();
            assertEquals(2, failures.get());
        }
    }

    @Test
    @DisplayName("ENOSPC, EDQUOT and EIO name themselves and the file")
    void shouldNameErrors() throws IOException {
        try (HostFile file = open(kernel)) {
            for (Errno errno : new Errno[] {Errno.ENOSPC, Errno.EDQUOT, Errno.EIO}) {
                kernel.failNext(SyscallNumber.PWRITE64, errno);
                IOException e = assertThrows(IOException.class, () -> file.write(0, heap((byte) 1)));
                assertTrue(e.getMessage().contains(errno.name()) && e.getMessage().contains("file"), e.getMessage());
                assertEquals(errno, assertInstanceOf(LinuxException.class, e.getCause()).errno());
            }
            kernel.answerNext(SyscallNumber.PWRITE64, 0);
            assertThrows(IOException.class, () -> file.write(0, heap((byte) 1)));
        }
    }

    @Test
    void shouldPunchHolesAndFindThem() throws IOException {
        try (HostFile file = open(kernel)) {
            file.write(0, heap(TestDisks.randomBytes(1, 1 << 20)));
            file.punch(1 << 18, 1 << 19);
            file.flush();
            assertEquals(1 << 20, file.size());
            byte[] middle = new byte[1 << 19];
            file.read(1 << 18, heap(middle));
            assertArrayEquals(new byte[1 << 19], middle);
            assertEquals(false, file.extent(0, 1 << 20).zero());
            kernel.failNext(SyscallNumber.FALLOCATE, Errno.EOPNOTSUPP).failNext(SyscallNumber.FALLOCATE,
                    Errno.EOPNOTSUPP);
            assertEquals(false, file.zero(0, 4096, true));
        }
    }

    @Test
    void shouldWriteAnyRangeThroughAlignedBlocks() throws IOException {
        MemoryFile memory = new MemoryFile(TestDisks.randomBytes(1, 100_001));
        BlockFile aligned = new DirectFile(memory);
        memory.failOn(change -> assertEquals(0, (change.position() | change.length()) & 4095));
        byte[] twin = Arrays.copyOf(memory.content(), 100_001);
        Random random = new Random(1);
        for (int i = 0; i < 300; i++) {
            int length = random.nextInt(random.nextBoolean() ? 30_000 : 600);
            int offset = random.nextInt(100_001 - length);
            byte[] bytes = TestDisks.randomBytes(i, length);
            aligned.write(offset, heap(bytes));
            System.arraycopy(bytes, 0, twin, offset, length);
            byte[] back = new byte[length + 7];
            int start = Math.max(0, offset - 7);
            aligned.read(start, heap(back));
            assertArrayEquals(Arrays.copyOfRange(twin, start, start + length), Arrays.copyOf(back, length));
        }
    }
}
