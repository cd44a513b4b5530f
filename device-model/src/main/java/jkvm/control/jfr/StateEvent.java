package jkvm.control.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;

/**
 * The machine's state has changed. The recorder asks for one at the end of each part of a recording too, and waits: see
 * {@link LastWord}.
 */
@Name("jkvm.MachineState")
@Label("Machine State")
@Description("The machine goes from one state to another")
@Period("endChunk")
final class StateEvent extends GuestEvent {
    @Label("State Before")
    @Description("Empty when the machine was made")
    String before;
    @Label("State")
    String state;
}
