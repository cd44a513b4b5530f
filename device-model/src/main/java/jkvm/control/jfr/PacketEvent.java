package jkvm.control.jfr;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Throttle;

/** A network card sends a packet, or has stored one for the guest. */
@Name("jkvm.Packet")
@Label("Packet")
@Description("A network card sends a packet, or stores one for the guest")
@Throttle("1000/s")
final class PacketEvent extends GuestEvent {
    @Label("Card")
    String card;
    @Label("Direction")
    @Description("send or receive, as the guest sees it")
    String direction;
    @Label("Length")
    @Description("Without the checksum of the wire; with offload, of all segments together")
    @DataAmount
    int length;
}
