package jkvm.device.e1000;

import java.lang.foreign.Arena;
import java.util.List;
import jkvm.device.pci.PciFixture;
import jkvm.host.net.Frames;
import jkvm.host.net.RecordingBackend;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.work.FakeClock;
import jkvm.work.FakeWorker;

/** An 82540EM on a bus in a machine without a guest: accesses as a guest makes them, a wire, a clock. */
final class E1000Fixture {
    static final long BAR_0 = 0xFEB00000L;
    static final int BAR_1 = 0xC000;
    static final byte[] MAC = Frames.MAC;
    static final int MEMORY_SIZE = 4 << 20;

    final PciFixture pci = new PciFixture();
    final GuestMemory memory =
            new GuestMemory(List.of(new MemoryRegion(0, Arena.ofAuto().allocate(MEMORY_SIZE, 4096))));
    final FakeClock clock = new FakeClock();
    final RecordingBackend backend = new RecordingBackend();
    FakeWorker worker;
    final E1000 nic = pci.plug(new E1000("e1000", MAC, memory, clock, backend, work -> {
        worker = new FakeWorker(work);
        return worker;
    }));

    E1000Fixture() {
        pci.write(0x10, 4, BAR_0);
        pci.write(0x14, 4, BAR_1);
        pci.enable();
        worker.runIfWoken();
    }

    int read(int register) {
        return (int) pci.memory.dispatchRead(BAR_0 + register, 4);
    }

    /** Writes, and does what the worker then has to do. */
    void write(int register, int value) {
        pci.memory.dispatchWrite(BAR_0 + register, 4, value & 0xFFFFFFFFL);
        worker.runIfWoken();
    }

    /** Writes through IOADDR and IODATA. */
    void writeByPorts(int register, int value) {
        pci.ports.dispatchWrite(BAR_1, 4, register);
        pci.ports.dispatchWrite(BAR_1 + 4, 4, value & 0xFFFFFFFFL);
        worker.runIfWoken();
    }

    int readPhy(int register) {
        write(RegisterMap.MDIC_OFFSET, Phy.MDIC_READ << 26 | 1 << 21 | register << 16);
        return read(RegisterMap.MDIC_OFFSET) & 0xFFFF;
    }

    void writePhy(int register, int value) {
        write(RegisterMap.MDIC_OFFSET, Phy.MDIC_WRITE << 26 | 1 << 21 | register << 16 | value);
    }

    void advanceMillis(long millis) {
        clock.advanceMillis(millis);
        worker.runIfWoken();
    }

    void advanceNanos(long nanos) {
        clock.advanceNanos(nanos);
        worker.runIfWoken();
    }

    /** The level of INTA before the command register and the router. */
    boolean interrupt() {
        return (pci.read(6, 2) & 8) != 0;
    }
}
