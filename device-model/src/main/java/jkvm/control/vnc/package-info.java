/**
 * Shows the guest's screen to VNC viewers: RFC 6143, the community's specification of the RFB protocol, RFC 6455 for
 * browsers, and QEMU's docs for its extensions.
 *
 * <p>Supported: versions 3.3 (3.4 and 3.5 count as that), 3.7, 3.8; no security and VNC authentication; encodings Raw,
 * CopyRect (text that moves up), Hextile, Zlib, Tight without JPEG, ZRLE; all true-colour pixels of 8, 16 and 32 bits,
 * and a colour map of 8; sizes that change (DesktopSize, ExtendedDesktopSize); the keyboard's lights, relative motion
 * and keys by number, as QEMU has them; keysyms of the layouts of {@link jkvm.control.vnc.Keymap}. A client's text is
 * read and forgotten. Absent: TLS, SASL, sound, the pointer's shape (no adapter has one), JPEG, sizes that a viewer
 * wishes, xvp.
 *
 * <p>A hostile client may stop in the middle of the handshake (the connection ends after 10 seconds, or 2 minutes where
 * a password is to be typed; of more than 32 such ones the first is dropped), guess passwords (one look in 8 seconds
 * after a few), send endless text (1 MiB at most, none kept) or absurd rectangles (clipped), and not read what it is
 * sent (it gets fewer pictures, and after 5 minutes none). Each viewer costs a copy of the picture and some 3 MiB, and
 * holds up neither the guest nor other viewers. A web page on any site can reach the WebSocket of a server on the
 * user's own host, as with QEMU: a password keeps it out. A VNC password is no protection against others on the
 * network, who can read all of the traffic.
 */
package jkvm.control.vnc;
