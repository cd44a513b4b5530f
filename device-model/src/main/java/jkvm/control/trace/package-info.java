/**
 * Looks into a running machine and writes down what it sees: {@link jkvm.control.trace.Tracing} puts together what
 * {@link jkvm.control.trace.LogConfig} asks for. A machine without it has nothing of it: no test, no field, no call.
 */
package jkvm.control.trace;
