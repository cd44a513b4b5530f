package jkvm.bios;

import java.util.Arrays;

/**
 * The services of a BIOS by number and function. A number is an interrupt's vector, or from {@link #POST} on a service
 * of the ROM's own code; a function is the caller's AH. Immutable: {@link #with} makes another table, in which one
 * service is replaced, {@link #replace} one in which all of a number are.
 */
public final class ServiceTable {
    /** The power-on self test: brings memory into the state that programs expect. */
    public static final int POST = 0x100;
    /** Runs the ROMs of devices, after {@link #POST} and before INT 19h. */
    public static final int OPTION_ROMS = 0x101;
    /** Begins a display adapter, when firmware runs its ROM. */
    public static final int VIDEO_START = 0x102;
    /** Takes a machine that was suspended to RAM back to its guest; without one, returns to the self test. */
    public static final int RESUME = 0x103;

    /** A table without services: every call returns with the registers as they were. */
    public static final ServiceTable EMPTY = new ServiceTable(new Service[0][]);

    private static final int NUMBERS = 0x110;
    private static final int FUNCTIONS = 0x100;
    /** Where the service for all other functions is in the array of a number. */
    private static final int OTHERS = FUNCTIONS;
    private static final Service NOTHING = call -> Outcome.DONE;

    private final Service[][] services;

    private ServiceTable(Service[][] services) {
        this.services = services;
    }

    /**
     * The same with one function's service.
     *
     * @param number   0 to 0x10F
     * @param function 0 to 0xFF
     */
    public ServiceTable with(int number, int function, Service service) {
        if (function < 0 || function >= FUNCTIONS) {
            throw new IllegalArgumentException("function " + function);
        }
        return put(number, function, service);
    }

    /**
     * The same with a service for all functions of a number that have none of their own.
     *
     * @param number 0 to 0x10F
     */
    public ServiceTable with(int number, Service service) {
        return put(number, OTHERS, service);
    }

    /**
     * The same with one service for all functions of a number, in place of all that it had.
     *
     * @param number 0 to 0x10F
     */
    public ServiceTable replace(int number, Service service) {
        Service[][] copy = Arrays.copyOf(services, NUMBERS);
        if (number >= 0 && number < NUMBERS) {
            copy[number] = null;
        }
        return new ServiceTable(copy).with(number, service);
    }

    private ServiceTable put(int number, int index, Service service) {
        if (number < 0 || number >= NUMBERS) {
            throw new IllegalArgumentException("service number " + number);
        }
        Service[][] copy = Arrays.copyOf(services, NUMBERS);
        copy[number] = copy[number] == null ? new Service[FUNCTIONS + 1] : copy[number].clone();
        copy[number][index] = service;
        return new ServiceTable(copy);
    }

    /** True if some function of a number has a service. */
    public boolean has(int number) {
        return number >= 0 && number < services.length && services[number] != null;
    }

    /** The service for a call, whatever its numbers are. */
    Service find(int number, int function) {
        if (!has(number)) {
            return NOTHING;
        }
        Service service = services[number][function];
        Service found = service == null ? services[number][OTHERS] : service;
        return found == null ? NOTHING : found;
    }
}
