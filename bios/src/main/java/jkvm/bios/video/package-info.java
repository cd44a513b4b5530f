/**
 * INT 10h: the video services of the built-in BIOS and of the VGA's expansion ROM (Brown's Interrupt List; IBM PS/2
 * and PC BIOS Interface Technical Reference; VBE Core Functions 3.0; FreeVGA for the registers).
 *
 * <p><b>With a VGA</b> ({@link jkvm.bios.video.VideoServices}) its ROM at C0000h leads INT 10h to these services, under
 * SeaBIOS too. They reach the adapter through its ports and its memory, as a program would, and keep all state in the
 * BIOS data area.
 *
 * <p>Supported: 00h modes 0 to 7 and 0Dh to 13h; 01h to 03h cursor; 05h pages; 06h, 07h scroll; 08h to 0Ah, 0Eh, 13h
 * characters, in graphics modes too; 0Bh, 10h colours; 0Ch, 0Dh pixels; 0Fh; 11h fonts; 12h choices 10h, 20h, 30h to
 * 34h and 36h; 1Ah, 1Bh, 1Ch state; 4F00h to 4F09h, 4F10h, 4F15h. Partial: 4F06h and 4F07h do not wait for a retrace;
 * VBE has modes of 8 to 32 bits, none with planes. Absent: 04h light pen (answers that there is none), 12h AL=35h
 * second display, 4F0Ah protected-mode interface, sound of the bell.
 *
 * <p><b>Without a display</b> ({@link jkvm.bios.video.TerminalServices}) text goes to the first serial port. Supported:
 * 00h (text modes), 01h to 03h, 06h, 07h, 09h, 0Ah, 0Eh, 0Fh, 13h. Partial: 08h reads a blank always; scrolling a part
 * of the width only clears. Absent: the rest, which returns with the registers unchanged, as where there is no VGA.
 *
 * <p>A hostile guest could call with a data area of nonsense, cursors beyond the screen, strings that wrap at 64 KiB,
 * fonts anywhere: values are brought into their range, a character outside of the screen is not drawn, and each call
 * ends after at most 65535 characters.
 */
package jkvm.bios.video;
