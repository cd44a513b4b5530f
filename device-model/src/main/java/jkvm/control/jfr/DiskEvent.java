package jkvm.control.jfr;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A disk image carries out a device's request. */
@Name("jkvm.DiskRequest")
@Label("Disk Request")
@Description("A disk image carries out a request of a device")
@Threshold("100 us")
final class DiskEvent extends GuestEvent {
    @Label("Device")
    String device;
    @Label("Node")
    @Description("The id of the drive")
    String node;
    @Label("Kind")
    @Description("read, write, flush, discard or write-zeroes")
    String kind;
    @Label("Offset")
    @DataAmount
    long offset;
    @Label("Length")
    @DataAmount
    long length;
    @Label("Result")
    @Description("ok, or the host's error")
    String result;
}
