package jkvm.control.jfr;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import jdk.jfr.Threshold;
import jdk.jfr.Unsigned;

/** The guest reads or writes a register of a device. */
@Name("jkvm.DeviceAccess")
@Label("Device Access")
@Description("The guest reads or writes a register of a device")
@Threshold("20 us")
final class AccessEvent extends GuestEvent {
    @Label("Device")
    @Description("Its id, or the name of its place")
    String device;
    @Label("Register")
    @Description("The name in the data sheet, or the offset where there is none")
    String register;
    @Label("Direction")
    @Description("read or write")
    String direction;
    @Label("Port or Address")
    @MemoryAddress
    long address;
    @Label("Size")
    @DataAmount
    int size;
    @Label("Value")
    @Unsigned
    long value;
}
