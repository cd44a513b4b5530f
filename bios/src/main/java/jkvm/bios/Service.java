package jkvm.bios;

/**
 * A service of the BIOS: the answer to an interrupt, or to one function of it. It is called on the thread of the vCPU
 * that asks, one call at a time, and never waits: where it needs time it answers {@link Outcome#AGAIN} and is asked
 * anew after the next interrupt. All that it has to remember between two calls lies in guest memory
 * ({@link BiosData}), so that a machine that is saved in between goes on in another process: a service that is asked
 * anew there finds {@link Call#isRepeated()}, and no host work of its own under way, and begins that work again.
 *
 * <p>The guest may give it any registers and call it from anywhere, from interrupts during the same service too. A
 * service answers such calls with a status, as a real BIOS does; it throws nothing.
 *
 * {@snippet :
 * Service letter = call -> {                        // INT 10h, AH=0Eh
 *     System.out.print((char) call.al());
 *     return Outcome.DONE;
 * };
 * ServiceTable table = ServiceTable.EMPTY.with(0x10, 0x0E, letter);
 * }
 */
@FunctionalInterface
public interface Service {

    /** Answers a call, or goes on with one. */
    Outcome call(Call call);
}
