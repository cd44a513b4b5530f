package jkvm.control.jfr;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A virtio device has looked into a queue once and given requests back. */
@Name("jkvm.VirtqueueBatch")
@Label("Virtqueue Batch")
@Description("A virtio device looks into a queue and gives requests back")
@Threshold("100 us")
final class VirtqueueEvent extends GuestEvent {
    @Label("Device")
    String device;
    @Label("Queue")
    int queue;
    @Label("Chains")
    @Description("Requests that were given back")
    int chains;
    @Label("Bytes")
    @Description("The device was given, and has written")
    @DataAmount
    long bytes;
}
