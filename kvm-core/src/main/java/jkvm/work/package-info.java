/**
 * The time that a machine lives by, and what does its work by that time. {@link Clock} is the host's, or
 * {@link InstructionClock}: time counted in instructions, under which a machine does the same each time that
 * it is started.
 */
package jkvm.work;
