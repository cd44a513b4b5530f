package jkvm.bios;

import java.lang.foreign.Arena;
import java.util.List;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;

/**
 * Calls services as the ROM's code does: puts a frame on a stack in guest memory, asks until the service is done, and
 * reads the registers from the frame.
 */
public final class BiosCaller {
    /** Where the frame is: 0x7000. */
    private static final int STACK = 0x7000;
    private static final int EDI = STACK + 8;
    private static final int OUTCOME = STACK + 40;
    private static final int NUMBER = STACK + 46;
    private static final int FLAGS = STACK + 52;
    private static final int ES = STACK + 4;

    private final GuestMemory ram;
    private Bios bios;

    /** A caller on a machine with 2 MiB of its own. */
    public BiosCaller() {
        this(new GuestMemory(List.of(new MemoryRegion(0, Arena.ofAuto().allocate(2 << 20, 4096)))));
    }

    public BiosCaller(GuestMemory ram) {
        this.ram = ram;
    }

    public GuestMemory ram() {
        return ram;
    }

    /** Memory that is RAM only: other accesses have no effect. */
    public PhysicalMemory memory() {
        return new PlainMemory(ram);
    }

    public void use(ServiceTable services, PhysicalMemory memory) {
        bios = new Bios(services, ram, memory);
    }

    /** The registers of a call, by the order of PUSHAL. */
    public enum Register { EDI, ESI, EBP, ESP, EBX, EDX, ECX, EAX }

    public BiosCaller set(Register register, int value) {
        ram.writeInt(EDI + 4L * register.ordinal(), value);
        return this;
    }

    /** The lower half of a register after a call. */
    public int get(Register register) {
        return ram.readInt(EDI + 4L * register.ordinal()) & 0xFFFF;
    }

    public BiosCaller es(int segment) {
        ram.writeShort(ES, (short) segment);
        return this;
    }

    public int es() {
        return ram.readShort(ES) & 0xFFFF;
    }

    /** Calls an interrupt's service once, with AX. */
    public Outcome call(int number, int ax) {
        set(Register.EAX, ax);
        ram.writeShort(OUTCOME, (short) 0);
        ram.writeShort(NUMBER, (short) number);
        ram.writeShort(FLAGS, (short) 0x202);
        bios.answer(0, STACK);
        return Outcome.of(ram.readShort(OUTCOME));
    }
}
