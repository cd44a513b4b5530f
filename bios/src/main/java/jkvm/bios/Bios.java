package jkvm.bios;

import jkvm.memory.GuestMemory;

/** Answers the calls of a ROM's code: finds the frame, the service, and writes the outcome. One for a machine. */
public final class Bios {
    private final ServiceTable services;
    private final Call call;

    /**
     * @param ram    the guest's RAM, for the BIOS's own data
     * @param memory what callers mean by their addresses
     */
    public Bios(ServiceTable services, GuestMemory ram, PhysicalMemory memory) {
        this.services = services;
        this.call = new Call(ram, memory);
    }

    /**
     * Answers a call. Whatever lies there is taken for a frame: a guest that writes to the port by itself harms
     * only itself.
     *
     * @param segment of the caller's stack
     * @param offset  of the frame in it
     */
    public synchronized void answer(int segment, int offset) {
        call.begin(segment, offset);
        call.end(services.find(call.number(), call.ah()).call(call));
    }
}
