package jkvm.device.e1000;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import jkvm.host.net.Frames;
import org.junit.jupiter.api.Test;

class E1000AllocationTest {
    private static final int FRAMES = 100_000;
    /** One in so many is segmented. */
    private static final int LONG_PACKETS = 50;
    private static final int LONG_PACKET = 65536;
    private static final int SEGMENTS = 45;
    /** Steady is what the compiler has seen enough of. */
    private static final int ROUNDS = 8;

    private final E1000Fixture machine = new E1000Fixture();
    private final E1000Driver driver = new E1000Driver(machine).start();
    private final byte[] frame = Frames.toNic(1514);

    private void pass(int count) {
        long address = driver.data(frame);
        long packet = driver.data(Frames.ipv4(6, LONG_PACKET - 54, true));
        driver.putContext(14, 34, 50, E1000Driver.TSE | E1000Driver.RS | 3, 54, 1460);
        for (int i = 0; i < count / LONG_PACKETS; i++) {
            driver.put(packet, LONG_PACKET | 1L << 20
                    | (long) (E1000Driver.EOP | E1000Driver.RS | E1000Driver.DEXT | E1000Driver.TSE) << 24 | 3L << 40);
            driver.ring();
        }
        for (int i = 0; i < count; i++) {
            driver.put(address, frame.length | (long) (E1000Driver.EOP | E1000Driver.RS) << 24);
            driver.ring();
            machine.backend.offer(frame);
            driver.giveBack((i + E1000Driver.RING_SIZE - 8) % E1000Driver.RING_SIZE);
            machine.read(RegisterMap.ICR_OFFSET);
        }
    }

    @Test
    void shouldAllocateNothingForFramesInASteadyState() {
        machine.backend.keeps = false;
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Long.MAX_VALUE;
        for (int round = 1; round <= ROUNDS && allocated >= FRAMES; round++) {
            long before = thread.getCurrentThreadAllocatedBytes();
            pass(FRAMES);
            allocated = thread.getCurrentThreadAllocatedBytes() - before;
            assertEquals(round * (FRAMES + FRAMES / LONG_PACKETS * SEGMENTS), machine.backend.count);
        }
        assertTrue(allocated < FRAMES, allocated + " bytes for " + FRAMES + " frames each way");
    }
}
