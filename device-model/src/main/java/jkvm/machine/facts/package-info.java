/**
 * Facts about a machine at one moment, without any text: a monitor, a management protocol and a report print them, each
 * in its own form. {@link jkvm.machine.Machine#facts()} makes them.
 */
package jkvm.machine.facts;
