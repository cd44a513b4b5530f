package jkvm.machine.board;

import java.util.ArrayList;
import java.util.List;
import jkvm.abi.KvmIrqRouting;
import jkvm.abi.KvmIrqchip;
import jkvm.bus.MsiSink;
import jkvm.bus.MsiVector;
import jkvm.device.board.Board;
import jkvm.linux.EventFd;
import jkvm.linux.Syscalls;
import jkvm.tables.PlatformDescription;
import jkvm.vm.VmInterrupts;

/**
 * Where each GSI leads: those of a PC's wiring to the interrupt controllers, and one after these for each source of
 * messages, signalled through an event descriptor. The lock of this object guards the table in the kernel.
 */
public final class KvmIrqRoutes implements MsiSink, AutoCloseable {
    private static final int PIC_INPUTS = 8;
    private static final int CASCADE = 2;

    private final VmInterrupts interrupts;
    private final Syscalls syscalls;
    /** By GSI, from the first after the PC's; null where a vector was given back. */
    private final List<Vector> vectors = new ArrayList<>();

    public KvmIrqRoutes(VmInterrupts interrupts, Syscalls syscalls) {
        this.interrupts = interrupts;
        this.syscalls = syscalls;
    }

    /** Gives the kernel the table. After the interrupt controllers have been created. */
    public synchronized void install() {
        int messages = (int) vectors.stream().filter(vector -> vector != null && vector.routed).count();
        KvmIrqRouting routes = new KvmIrqRouting(PIC_INPUTS * 2 + Board.GSI_COUNT - 2 + messages);
        addPc(routes);
        for (Vector vector : vectors) {
            if (vector != null && vector.routed) {
                routes.addMsi(vector.gsi, vector.address, vector.data);
            }
        }
        interrupts.routing(routes);
    }

    /**
     * A PC's wiring: the ISA interrupts reach both PICs and the IOAPIC, but for the timer's, which has the IOAPIC's
     * input 2, and the cascade, which has none.
     */
    private static void addPc(KvmIrqRouting routes) {
        for (int gsi = 0; gsi < Board.GSI_COUNT; gsi++) {
            if (gsi == CASCADE) {
                continue;
            }
            if (gsi < PIC_INPUTS) {
                routes.addIrqchip(gsi, KvmIrqchip.PIC_MASTER, gsi);
            } else if (gsi < 2 * PIC_INPUTS) {
                routes.addIrqchip(gsi, KvmIrqchip.PIC_SLAVE, gsi - PIC_INPUTS);
            }
            routes.addIrqchip(gsi, KvmIrqchip.IOAPIC, gsi == 0 ? PlatformDescription.TIMER_GSI : gsi);
        }
    }

    @Override
    public synchronized MsiVector newVector() {
        int free = vectors.indexOf(null);
        int index = free < 0 ? vectors.size() : free;
        Vector vector = new Vector(Board.GSI_COUNT + index, EventFd.nonBlocking(syscalls));
        if (free < 0) {
            vectors.add(vector);
        } else {
            vectors.set(free, vector);
        }
        interrupts.addIrqfd(vector.event, vector.gsi);
        return vector;
    }

    /** Closes the event descriptors, when no device uses them any more. */
    @Override
    public synchronized void close() {
        for (Vector vector : vectors) {
            if (vector != null) {
                vector.event.close();
            }
        }
        vectors.clear();
    }

    private final class Vector implements MsiVector {
        private final int gsi;
        private final EventFd event;
        private volatile boolean routed;
        private long address;
        private int data;

        Vector(int gsi, EventFd event) {
            this.gsi = gsi;
            this.event = event;
        }

        @Override
        public void route(long newAddress, int newData) {
            synchronized (KvmIrqRoutes.this) {
                address = newAddress;
                data = newData;
                routed = true;
                install();
            }
        }

        @Override
        public void signal() {
            if (routed) {
                event.signal();
            }
        }

        @Override
        public void close() {
            synchronized (KvmIrqRoutes.this) {
                int index = vectors.indexOf(this);
                if (index >= 0) {
                    vectors.set(index, null);
                    interrupts.removeIrqfd(event, gsi);
                    event.close();
                    if (routed) {
                        routed = false;
                        install();
                    }
                }
            }
        }
    }
}
