/**
 * The screen of a guest for the one who sits before it: in a terminal ({@link jkvm.control.display.CursesDisplay}), in
 * a page of a browser ({@link jkvm.control.display.WebDisplay}), in a window ({@link
 * jkvm.control.display.WindowDisplay}), whose classes need the JDK's module java.desktop.
 *
 * <p>Supported, in the terminal: text modes with the guest's own colours, all keys that a terminal sends, another size
 * of its window, commands after Ctrl-A. In a page: all modes, keys by their place, pointer, wheel, several pages at
 * once, Ctrl-Alt-Delete, power button, reset, quit, full screen. In a window: all modes, scaled to its size, keys of a
 * US keyboard, pointer, wheel, mouse grab, full screen. Absent: graphics in a terminal, the alternative characters of
 * curses (its {@code charset}), sound, the clipboard.
 *
 * <p>A page's address has a secret; requests without it, for another host or from another page are refused. A page that
 * does not fetch pictures costs a set of marks. A hostile guest could change the screen all the time: a page gets the
 * next picture when it has drawn the last one.
 */
package jkvm.control.display;
