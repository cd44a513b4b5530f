package jkvm.control.jfr;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;

/** KVM_RUN has returned to user space. The event lasts as long as user space handles the exit. */
@Name("jkvm.Exit")
@Label("VM Exit")
@Description("A vCPU leaves the guest for user space, which handles the exit")
@Threshold("20 us")
final class ExitEvent extends GuestEvent {
    @Label("vCPU")
    int vcpu;
    @Label("Reason")
    @Description("KVM's name for it")
    String reason;
    @Label("Direction")
    @Description("in or out of a port, read or write of memory; empty for other exits")
    String direction;
    @Label("Port or Address")
    @MemoryAddress
    long address;
    @Label("Size")
    @DataAmount
    int size;
    @Label("Time in User Space")
    @Timespan
    long userTime;
    @Label("Time in KVM_RUN")
    @Description("The guest's instructions before the exit, waits for interrupts, and the kernel")
    @Timespan
    long kernelTime;
}
