/**
 * A machine in a Java program: {@link jkvm.control.guest.Guest} runs it on a thread of its own, waits for its output,
 * types, reads its registers and memory, and tells what it does. {@link
 * jkvm.control.guest.GuestTemplate} makes many of one.
 */
package jkvm.control.guest;
