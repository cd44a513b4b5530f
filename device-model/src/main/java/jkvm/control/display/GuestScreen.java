package jkvm.control.display;

import jkvm.host.display.DisplayHub;
import jkvm.host.input.InputHub;

/**
 * A guest as the one before its screen has it.
 *
 * @param title of the window or page
 */
public record GuestScreen(DisplayHub display, InputHub input, PowerSwitch power, String title) {
}
