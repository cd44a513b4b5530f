package jkvm.control.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import jdk.jfr.Throttle;
import jdk.jfr.Unsigned;

/** A device drives its interrupt line to another level, or sends a message. */
@Name("jkvm.Interrupt")
@Label("Interrupt")
@Description("A device changes the level of its interrupt line, or sends a message")
@Throttle("1000/s")
final class InterruptEvent extends GuestEvent {
    @Label("Device")
    String device;
    @Label("Kind")
    @Description("GSI for a line, MSI for a message")
    String kind;
    @Label("GSI")
    @Description("The global system interrupt of a line; -1 for a message, and for a line that leads nowhere")
    int gsi;
    @Label("Level")
    @Description("Whether the line is asserted; always for a message")
    boolean level;
    @Label("Message Address")
    @MemoryAddress
    long address;
    @Label("Message Data")
    @Unsigned
    int data;
}
