package jkvm.control.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** The machine's state has changed. */
@Name("jkvm.MachineState")
@Label("Machine State")
@Description("The machine goes from one state to another")
final class StateEvent extends GuestEvent {
    @Label("State Before")
    @Description("Empty when the machine was made")
    String before;
    @Label("State")
    String state;
}
