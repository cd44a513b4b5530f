package jkvm.control.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** Something has happened to the machine. */
@Name("jkvm.MachineEvent")
@Label("Machine Event")
@Description("A reset, a pause, the power button, the end of the guest")
final class LifeEvent extends GuestEvent {
    @Label("Event")
    @Description("QMP's name")
    String event;
    @Label("Cause")
    @Description("QMP's name of who wanted it; empty where QMP tells none")
    String cause;
}
