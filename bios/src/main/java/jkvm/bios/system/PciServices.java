package jkvm.bios.system;

import jkvm.bios.BiosHost;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.Ports;
import jkvm.bios.ServiceTable;

/**
 * INT 1Ah, AH=B1h: the PCI BIOS (PCI BIOS specification 2.1), for one bus that configuration mechanism 1 reaches.
 * Without its services for protected mode, which EDI=0 of function 01h says.
 */
final class PciServices {
    private static final int FUNCTION = 0xB1;

    private static final int PRESENT = 0x01;
    private static final int FIND_DEVICE = 0x02;
    private static final int FIND_CLASS = 0x03;
    private static final int FIRST_READ = 0x08;
    private static final int LAST_READ = 0x0A;
    private static final int FIRST_WRITE = 0x0B;
    private static final int LAST_WRITE = 0x0D;

    private static final int UNSUPPORTED = 0x81;
    private static final int BAD_VENDOR = 0x83;
    private static final int NOT_FOUND = 0x86;
    private static final int BAD_REGISTER = 0x87;

    private static final int SIGNATURE = 0x20494350;
    private static final int VERSION = 0x0210;
    private static final int MECHANISM_1 = 1;

    private static final int ADDRESS_PORT = 0xCF8;
    private static final int DATA_PORT = 0xCFC;
    private static final int ENABLE = 0x80000000;
    private static final int ID_REGISTER = 0x00;
    private static final int CLASS_REGISTER = 0x08;
    private static final int HEADER_REGISTER = 0x0C;
    private static final int MULTIFUNCTION_BIT = 0x800000;
    private static final int NOBODY = 0xFFFF;
    private static final int FUNCTIONS_OF_A_BUS = 256;
    private static final int FUNCTIONS_OF_A_SLOT = 8;
    private static final int REGISTERS = 256;

    private final Ports ports;
    private final boolean hasPci;

    PciServices(BiosHost host) {
        ports = host.ports();
        hasPci = host.platform().pci().isPresent();
    }

    ServiceTable addTo(ServiceTable table) {
        return hasPci ? table.with(Vectors.TIME, FUNCTION, this::call) : table;
    }

    /** The guest's own address register stays as it is. */
    private Outcome call(Call call) {
        int address = ports.inInt(ADDRESS_PORT);
        try {
            return answer(call);
        } finally {
            ports.outInt(ADDRESS_PORT, address);
        }
    }

    private Outcome answer(Call call) {
        int function = call.al();
        if (function == PRESENT) {
            return present(call);
        }
        if (function == FIND_DEVICE) {
            return call.dx() == NOBODY ? Status.failed(call, BAD_VENDOR)
                    : find(call, ID_REGISTER, call.cx() << Short.SIZE | call.dx(), 0);
        }
        if (function == FIND_CLASS) {
            return find(call, CLASS_REGISTER, call.ecx() << Byte.SIZE, Byte.SIZE);
        }
        if (function >= FIRST_READ && function <= LAST_READ) {
            return read(call, 1 << function - FIRST_READ);
        }
        if (function >= FIRST_WRITE && function <= LAST_WRITE) {
            return write(call, 1 << function - FIRST_WRITE);
        }
        return Status.failed(call, UNSUPPORTED);
    }

    private static Outcome present(Call call) {
        call.edx(SIGNATURE);
        call.edi(0);
        call.al(MECHANISM_1);
        call.bx(VERSION);
        call.cl(0);
        return Status.done(call);
    }

    /**
     * Finds a function by a register.
     *
     * @param ignored so many low bits of the register do not count
     */
    private Outcome find(Call call, int register, int value, int ignored) {
        int left = call.si();
        for (int address = 0; address < FUNCTIONS_OF_A_BUS; address++) {
            boolean isThere = (select(address, ID_REGISTER) & NOBODY) != NOBODY;
            if (isThere && select(address, register) >>> ignored == value >>> ignored && left-- == 0) {
                call.bx(address);
                return Status.done(call);
            }
            boolean isFirst = address % FUNCTIONS_OF_A_SLOT == 0;
            if (isFirst && (!isThere || (select(address, HEADER_REGISTER) & MULTIFUNCTION_BIT) == 0)) {
                address += FUNCTIONS_OF_A_SLOT - 1;
            }
        }
        return Status.failed(call, NOT_FOUND);
    }

    /** Reads the double word that a register is in. */
    private int select(int address, int register) {
        ports.outInt(ADDRESS_PORT, ENABLE | address << Byte.SIZE | register & ~3);
        return ports.inInt(DATA_PORT);
    }

    private Outcome read(Call call, int size) {
        int register = call.di();
        if (register >= REGISTERS || register % size != 0) {
            return Status.failed(call, BAD_REGISTER);
        }
        int value = select(call.bx(), register) >>> register % Integer.BYTES * Byte.SIZE;
        switch (size) {
            case Byte.BYTES -> call.cl(value);
            case Short.BYTES -> call.cx(value);
            default -> call.ecx(value);
        }
        return Status.done(call);
    }

    private Outcome write(Call call, int size) {
        int register = call.di();
        if (register >= REGISTERS || register % size != 0) {
            return Status.failed(call, BAD_REGISTER);
        }
        ports.outInt(ADDRESS_PORT, ENABLE | call.bx() << Byte.SIZE | register & ~3);
        int port = DATA_PORT + register % Integer.BYTES;
        switch (size) {
            case Byte.BYTES -> ports.out(port, call.cl());
            case Short.BYTES -> ports.outWord(port, call.cx());
            default -> ports.outInt(port, call.ecx());
        }
        return Status.done(call);
    }
}
