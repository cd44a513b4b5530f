/**
 * Guests in JUnit 5 tests: {@link jkvm.junit.GuestTest} runs a class on each KVM and gives its methods started guests.
 * Published with the test jar of device-model, for other projects too.
 */
package jkvm.junit;
