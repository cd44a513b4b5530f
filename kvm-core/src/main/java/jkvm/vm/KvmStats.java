package jkvm.vm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import jkvm.abi.KvmStatsDesc;
import jkvm.abi.KvmStatsHeader;
import jkvm.linux.Errno;
import jkvm.linux.Fd;
import jkvm.linux.LinuxException;
import jkvm.linux.Syscalls;

/** The statistics of a VM or a vCPU, kept by the kernel (KVM_GET_STATS_FD). One thread at a time. */
public final class KvmStats implements AutoCloseable {
    /**
     * One statistic.
     *
     * @param type   0 cumulative, 1 instant, 2 peak, 3 linear histogram, 4 logarithmic histogram
     * @param unit   0 none, 1 bytes, 2 seconds, 3 cycles, 4 boolean
     * @param base   10 or 2; a value counts {@code base} to the {@code exponent} units
     * @param values one, or a histogram's buckets
     */
    public record Statistic(String name, int type, int unit, int base, int exponent, List<Long> values) {
        /** The first value. */
        public long value() {
            return values.isEmpty() ? 0 : values.getFirst();
        }
    }

    /** No kernel has more or longer ones; guards against a garbled header. */
    private static final int MAX_STATISTICS = 4096;
    private static final int MAX_NAME = 1024;

    private final Fd fd;

    KvmStats(Fd fd) {
        this.fd = fd;
    }

    /**
     * Reads all statistics.
     *
     * @throws LinuxException if the kernel refuses
     */
    public List<Statistic> read() {
        try (Arena arena = Arena.ofConfined()) {
            KvmStatsHeader header = new KvmStatsHeader(read(arena, 0, KvmStatsHeader.SIZE));
            if (Integer.toUnsignedLong(header.numDesc()) > MAX_STATISTICS
                    || Integer.toUnsignedLong(header.nameSize()) > MAX_NAME) {
                throw new IllegalStateException(fd.name() + ": header is no statistics header");
            }
            long stride = KvmStatsDesc.SIZE + header.nameSize();
            MemorySegment descriptors = read(arena, header.descOffset(), stride * header.numDesc());
            List<Statistic> statistics = new ArrayList<>();
            for (int i = 0; i < header.numDesc(); i++) {
                KvmStatsDesc desc = new KvmStatsDesc(descriptors.asSlice(i * stride, stride));
                MemorySegment data = read(arena, (long) header.dataOffset() + desc.offset(), desc.size() * 8L);
                statistics.add(new Statistic(desc.name(), desc.type(), desc.unit(), desc.base(), desc.exponent(),
                        values(data)));
            }
            return statistics;
        }
    }

    private static List<Long> values(MemorySegment data) {
        return data.elements(ValueLayout.JAVA_LONG).map(value -> value.get(ValueLayout.JAVA_LONG, 0)).toList();
    }

    private MemorySegment read(Arena arena, long position, long size) {
        MemorySegment target = arena.allocate(Math.max(8, size), 8).asSlice(0, size);
        long done = 0;
        while (done < size) {
            long result = fd.read(target.address() + done, size - done, position + done);
            if (result == 0) {
                throw new IllegalStateException(fd.name() + ": end after " + (position + done) + " bytes");
            }
            if (Syscalls.isError(result) && result != -Errno.EINTR.code()) {
                throw new LinuxException("read " + fd.name(), (int) -result);
            }
            done += Math.max(0, result);
        }
        return target;
    }

    @Override
    public void close() {
        fd.close();
    }
}
