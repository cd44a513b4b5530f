package jkvm.control.jfr;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.StackTrace;

/** An event of a guest. Its stack is the same each time and says nothing. */
@Category("jkvm")
@StackTrace(false)
abstract class GuestEvent extends Event {
}
