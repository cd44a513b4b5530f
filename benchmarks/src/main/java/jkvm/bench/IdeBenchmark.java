package jkvm.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jkvm.bus.AddressRange;
import jkvm.bus.AddressSpace;
import jkvm.bus.IrqLine;
import jkvm.device.disk.DiskGeometry;
import jkvm.device.ide.AtaDisk;
import jkvm.device.ide.AtaIdentity;
import jkvm.device.ide.PiixIde;
import jkvm.device.pci.PciBus;
import jkvm.device.pci.PciConfigPorts;
import jkvm.device.pci.PirqRouter;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.DiskStatistics;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.linux.FfmSyscalls;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A request of an IDE disk by the bus master, as a driver makes it: the registers through the machine's address space,
 * the table, the transfer from a raw file that the host has in its page cache, the interrupt, both statuses. The
 * channel's work is done on the caller's thread. {@code -prof gc} shows that it allocates nothing.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class IdeBenchmark {
    private static final int BASE = PiixIde.PRIMARY_PORT;
    private static final int MASTER = 0xC000;
    private static final int TABLE = 0x1000;
    private static final int BUFFER = 0x10000;
    private static final int SECTOR = 512;
    private static final int PAGE = 4096;
    private static final int END_BIT = 1 << 31;
    private static final int READ_DMA = 0xC8, WRITE_DMA = 0xCA;
    private static final int START_BIT = 1, TO_MEMORY_BIT = 8, INTERRUPT_BIT = 4, READY = 0x50;
    private static final int BAR_4 = 0x20, COMMAND = 4, IO_AND_MASTER = 5;
    private static final long DISK_SIZE = 64 << 20;

    /** Bytes of a request. */
    @Param({"4096", "65536"})
    public int size;

    private final GuestMemory memory =
            new GuestMemory(List.of(new MemoryRegion(0, Arena.ofAuto().allocate(1 << 20, PAGE))));
    private final AddressSpace ports = new AddressSpace("port");
    private Path folder;
    private DiskImage image;
    private long sector;

    @Setup
    public void setUp() throws IOException {
        folder = Files.createTempDirectory("ide-benchmark");
        DiskImages images = new DiskImages(new FfmSyscalls());
        Path path = folder.resolve("disk.raw");
        images.create(path, ImageFormat.RAW, CreateValues.ofSize(DISK_SIZE));
        image = images.open(path, ImageOptions.WRITABLE);
        for (long at = 0; at < DISK_SIZE; at += 1 << 19) {
            image.write(at, memory.slice(1 << 19, 1 << 19));
        }
        IrqLine line = _ -> { };
        PiixIde controller = new PiixIde(ports, line, line, new DirectWorkers(), memory);
        controller.plug(0, new AtaDisk("disk", image, new AtaIdentity("1", "disk", "1", 0, SECTOR),
                DiskGeometry.GUESSED, true, new DiskStatistics()));
        PciBus bus = new PciBus(ports, new AddressSpace("memory"), new PirqRouter(_ -> line, List.of(10, 10, 11, 11)));
        bus.add(0, 0, controller);
        PciConfigPorts config = new PciConfigPorts(bus);
        ports.add(new AddressRange(PciConfigPorts.ADDRESS_PORT, PciConfigPorts.PORTS), config.addressPort());
        ports.add(new AddressRange(PciConfigPorts.DATA_PORT, PciConfigPorts.PORTS), config.dataPort());
        controller.reset();
        configure(BAR_4, MASTER);
        configure(COMMAND, IO_AND_MASTER);
        for (int at = 0; at < size; at += PAGE) {
            memory.writeInt(TABLE + at / PAGE * 8L, BUFFER + at);
            memory.writeInt(TABLE + at / PAGE * 8L + 4, PAGE | (at + PAGE == size ? END_BIT : 0));
        }
        out(MASTER + 4, 4, TABLE);
    }

    private void configure(int offset, int value) {
        out(PciConfigPorts.ADDRESS_PORT, 4, 0x80000000L | offset);
        out(PciConfigPorts.DATA_PORT, 4, value);
    }

    private void out(int port, int width, long value) {
        ports.dispatchWrite(port, width, value);
    }

    @TearDown
    public void tearDown() throws IOException {
        image.close();
        Files.delete(folder.resolve("disk.raw"));
        Files.delete(folder);
    }

    @Benchmark
    public long read() {
        return request(READ_DMA, TO_MEMORY_BIT);
    }

    @Benchmark
    public long write() {
        return request(WRITE_DMA, 0);
    }

    private long request(int command, int direction) {
        int sectors = size / SECTOR;
        sector = (sector + 7919 * 16) % (DISK_SIZE / SECTOR - sectors);
        out(MASTER + 2, 1, INTERRUPT_BIT);
        out(BASE + 6, 1, 0xE0 | sector >> 24);
        out(BASE + 2, 1, sectors & 0xFF);
        out(BASE + 3, 1, sector & 0xFF);
        out(BASE + 4, 1, sector >> 8 & 0xFF);
        out(BASE + 5, 1, sector >> 16 & 0xFF);
        out(BASE + 7, 1, command);
        out(MASTER, 1, START_BIT | direction);
        long done = ports.dispatchRead(MASTER + 2, 1);
        out(MASTER, 1, 0);
        long status = ports.dispatchRead(BASE + 7, 1);
        if (done != INTERRUPT_BIT || status != READY) {
            throw new IllegalStateException("status %x, bus master %x".formatted(status, done));
        }
        return status;
    }
}
