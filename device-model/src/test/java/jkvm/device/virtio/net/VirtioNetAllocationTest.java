package jkvm.device.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import jkvm.device.virtio.queue.QueueDriver;
import jkvm.device.virtio.queue.QueueLayout;
import jkvm.host.net.Frames;
import jkvm.host.net.NetFrame;
import org.junit.jupiter.api.Test;

class VirtioNetAllocationTest {
    private static final int FRAMES = 50_000;
    /** Steady is what the compiler has seen enough of. */
    private static final int ROUNDS = 12;
    private static final int LENGTH = 4000;
    private static final long HEADER = 0x40000, FRAME = 0x41000, BUFFERS = 0x50000;

    private final NetFixture machine = new NetFixture().start();
    private final byte[] frame = Frames.toNic(LENGTH);
    private int transmitted;
    private int offered;

    /** Descriptors 0 and 1 of the transmit queue are a frame; those of the receive queue a buffer each. */
    private void setUp() {
        machine.memory.write(HEADER, NetFixture.header(NetFixture.NEEDS_CSUM, 0, 0, 0, 34, 16));
        machine.memory.write(FRAME, frame);
        machine.transmit.descriptor(0, HEADER, NetFixture.HEADER, QueueDriver.NEXT, 1);
        machine.transmit.descriptor(1, FRAME, frame.length, 0, 0);
        for (int i = 0; i < NetFixture.QUEUE_SIZE; i++) {
            machine.receive.descriptor(i, BUFFERS + 2048L * i, 1526, QueueDriver.WRITE, 0);
        }
    }

    private void offer(QueueLayout queue, int index, int head) {
        machine.memory.writeShort(queue.driver() + 4 + 2L * (index % NetFixture.QUEUE_SIZE), (short) head);
        machine.memory.writeShortRelease(queue.driver() + 2, (short) (index + 1));
    }

    private void pass(int count, QueueLayout transmit, QueueLayout receive, NetFrame input) {
        for (int i = 0; i < count; i++) {
            offer(transmit, transmitted++, 0);
            machine.driver.notify(VirtioNet.TRANSMIT_QUEUE);
            for (int buffers = 0; buffers < 3; buffers++) {
                offer(receive, offered, offered++ % NetFixture.QUEUE_SIZE);
            }
            assertTrue(machine.backend.device().receive(input));
        }
    }

    @Test
    void shouldAllocateNothingForFramesInASteadyState() {
        machine.backend.keeps = false;
        setUp();
        QueueLayout transmit = machine.transmit.layout();
        QueueLayout receive = machine.receive.layout();
        NetFrame input = machine.backend.frame(frame);
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Long.MAX_VALUE;
        for (int round = 1; round <= ROUNDS && allocated >= FRAMES; round++) {
            long before = thread.getCurrentThreadAllocatedBytes();
            pass(FRAMES, transmit, receive, input);
            allocated = thread.getCurrentThreadAllocatedBytes() - before;
            assertEquals(round * FRAMES, machine.backend.count);
        }
        assertEquals(0, machine.nic.droppedFromGuest() + machine.nic.droppedForGuest());
        assertTrue(allocated < FRAMES, allocated + " bytes for " + FRAMES + " frames each way");
    }
}
