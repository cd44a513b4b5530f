/**
 * Tells a run to the JDK's Flight Recorder, as events with typed fields: {@link jkvm.control.jfr.FlightConfig} is the
 * user's wish, the events' classes say what each holds. None of these classes, nor any of the recorder, is loaded in a
 * run that nobody records.
 *
 * <p>{@code jkvm.jfc} and {@code jkvm-all.jfc} beside them are settings for recordings: a small one, and all that there
 * is.
 */
package jkvm.control.jfr;
