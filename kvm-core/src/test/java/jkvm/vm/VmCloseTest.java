package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import jkvm.abi.KvmCap;
import jkvm.linux.EventFd;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class VmCloseTest {
    private final FakeKvm fake = new FakeKvm();

    @Test
    @DisplayName("each descriptor closes once, and use after close throws IllegalStateException")
    void shouldRefuseUseOfEveryDescriptorAfterClose() {
        EventFd event = EventFd.nonBlocking(fake.kernel);
        fake.vcpu.close();
        fake.vcpu.close();
        assertThrows(IllegalStateException.class, fake.vcpu::run);
        assertThrows(IllegalStateException.class, fake.vcpu::regs);
        fake.vm.close();
        fake.vm.close();
        assertThrows(IllegalStateException.class, () -> fake.vm.createVcpu(1));
        assertThrows(IllegalStateException.class, () -> fake.vm.irqLine(4, true));
        assertThrows(IllegalStateException.class, () -> fake.vm.interrupts().addIrqfd(event, 4));
        assertThrows(IllegalStateException.class, () -> fake.vm.checkExtension(KvmCap.IRQCHIP));
        assertThrows(IllegalStateException.class, () -> fake.vcpu.kvmRun().exitReason());
        assertDoesNotThrow(fake.vcpu::interrupt);
        fake.kvm.close();
        fake.kvm.close();
        assertThrows(IllegalStateException.class, fake.kvm::createVm);
        event.close();

        assertEquals(Set.of(), fake.kernel.openDescriptors());
        assertEquals(0, fake.kernel.openMappings());
        assertTrue(fake.kernel.wrongCloses().isEmpty());
    }

    @Test
    @DisplayName("closing the VM waits for a device's transfer before it frees guest memory")
    void shouldWaitForATransferBeforeMemoryIsFreed() throws Exception {
        ByteBuffer guestMemory = fake.vm.arena().allocate(4096).asByteBuffer();
        Pipe pipe = Pipe.open();
        try (Pipe.SourceChannel source = pipe.source(); Pipe.SinkChannel sink = pipe.sink()) {
            CompletableFuture<Integer> transfer = CompletableFuture.supplyAsync(
                    () -> assertDoesNotThrow(() -> source.read(guestMemory)));
            Thread.sleep(50);
            CompletableFuture<Void> closing = CompletableFuture.runAsync(fake.vm::close);
            Thread.sleep(50);
            assertFalse(closing.isDone(), "memory is in use");

            sink.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));

            assertEquals(3, transfer.get());
            closing.get();
        }
        assertFalse(fake.vm.arena().scope().isAlive());
    }
}
