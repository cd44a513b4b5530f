package jkvm.bus;

import java.util.function.IntSupplier;

/** Puts itself between devices and their interrupt lines: to trace or count interrupts. */
@FunctionalInterface
public interface LineWatch {

    /**
     * Called once for each line, before the machine runs.
     *
     * @param line   the device's
     * @param device the device's name
     * @param gsi    the global system interrupt that it leads to at that moment; negative for none
     * @return what the device drives instead; it drives {@code line}
     */
    IrqLine around(IrqLine line, String device, IntSupplier gsi);
}
