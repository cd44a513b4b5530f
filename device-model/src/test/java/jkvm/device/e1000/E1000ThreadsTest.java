package jkvm.device.e1000;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import jkvm.device.pci.PciFixture;
import jkvm.host.net.Frames;
import jkvm.host.net.RecordingBackend;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.work.FakeClock;
import jkvm.work.Workers;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several vCPUs and the wire at the same NIC at once, with its real worker. */
class E1000ThreadsTest {
    private static final long BAR_0 = E1000Fixture.BAR_0;
    private static final int STEPS = 100_000, ENOUGH = 100;
    private static final int TDT = RegisterMap.TDBAL_OFFSET + RegisterMap.RING_TAIL;
    private static final int RDT = RegisterMap.RDBAL_OFFSET + RegisterMap.RING_TAIL;

    private final PciFixture pci = new PciFixture();
    private final GuestMemory memory =
            new GuestMemory(List.of(new MemoryRegion(0, Arena.ofAuto().allocate(4 << 20, 4096))));
    private final RecordingBackend backend = new RecordingBackend();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    private void write(int register, int value) {
        pci.memory.dispatchWrite(BAR_0 + register, 4, value & 0xFFFFFFFFL);
    }

    private Thread thread(Runnable step) {
        return Thread.ofPlatform().daemon().start(() -> {
            try {
                // On a busy machine the worker may not come to run before the steps are over.
                for (int i = 0; (i < STEPS || backend.count <= ENOUGH) && failure.get() == null; i++) {
                    step.run();
                }
            } catch (Throwable e) {
                failure.set(e);
            }
        });
    }

    private void setRings() {
        write(RegisterMap.TDBAL_OFFSET, E1000Driver.TRANSMIT_RING);
        write(RegisterMap.TDBAL_OFFSET + RegisterMap.RING_LEN, 1024);
        write(RegisterMap.RDBAL_OFFSET, E1000Driver.RECEIVE_RING);
        write(RegisterMap.RDBAL_OFFSET + RegisterMap.RING_LEN, 1024);
        write(RegisterMap.TCTL_OFFSET, RegisterMap.TCTL_EN_BIT);
        write(RegisterMap.RCTL_OFFSET, RegisterMap.RCTL_EN_BIT | RegisterMap.RCTL_LPE_BIT);
        write(RegisterMap.IMS_OFFSET, -1);
    }

    private void vcpu(Random random) {
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> write(TDT, random.nextInt(64));
            case 3, 4 -> write(RDT, random.nextInt(64));
            case 5 -> pci.memory.dispatchRead(BAR_0 + RegisterMap.ICR_OFFSET, 4);
            case 6 -> pci.memory.dispatchRead(BAR_0 + RegisterMap.STATUS_OFFSET, 4);
            case 7 -> write(RegisterMap.ICS_OFFSET, random.nextInt());
            case 8 -> setRings();
            case 9 -> write(RegisterMap.CTRL_OFFSET, random.nextInt(50) == 0 ? RegisterMap.CTRL_RST_BIT : 0);
            case 10 -> memory.writeLong(E1000Driver.TRANSMIT_RING + 16L * random.nextInt(64) + 8,
                    random.nextInt(3000) | (long) random.nextInt(256) << 24);
            default -> memory.writeLong(E1000Driver.RECEIVE_RING + 16L * random.nextInt(64),
                    E1000Driver.RECEIVE_BUFFERS + random.nextInt(1 << 20));
        }
        if (random.nextInt(100) == 0) {
            pci.write(4, 2, random.nextInt(4) == 0 ? 3 : 7);
        }
    }

    @Test
    @Timeout(60)
    @DisplayName("two vCPUs may change rings, reset and switch bus mastering while frames go both ways")
    void shouldBearSeveralThreadsAtOnce() throws InterruptedException {
        backend.keeps = false;
        E1000 nic = pci.plug(new E1000("e1000", E1000Fixture.MAC, memory, new FakeClock(), backend,
                work -> Workers.onThreads().worker("e1000", work)));
        pci.write(0x10, 4, BAR_0);
        pci.enable();
        Random first = new Random(1);
        Random second = new Random(2);
        byte[] frame = Frames.toNic(1500);
        List<Thread> threads = new ArrayList<>();
        threads.add(thread(() -> vcpu(first)));
        threads.add(thread(() -> vcpu(second)));
        threads.add(thread(() -> backend.offer(frame)));
        for (Thread thread : threads) {
            thread.join();
        }
        assertNull(failure.get());
        pci.write(4, 2, 7);
        write(RegisterMap.CTRL_OFFSET, RegisterMap.CTRL_RST_BIT);
        setRings();
        int sent = backend.count;
        memory.writeLong(E1000Driver.TRANSMIT_RING, E1000Driver.TRANSMIT_BUFFERS);
        memory.writeLong(E1000Driver.TRANSMIT_RING + 8, 60 | (long) (E1000Driver.EOP | E1000Driver.RS) << 24);
        write(TDT, 1);
        while (pci.memory.dispatchRead(BAR_0 + RegisterMap.TDBAL_OFFSET + RegisterMap.RING_HEAD, 4) != 1) {
            Thread.onSpinWait();
        }
        // Waits for the batch that the frame is in.
        nic.droppedPackets();
        nic.close();
        assertEquals(sent + 1, backend.count);
        assertTrue(sent > ENOUGH, () -> "sent " + sent);
    }
}
