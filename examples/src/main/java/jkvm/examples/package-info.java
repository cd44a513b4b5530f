/**
 * Lessons, from opening {@code /dev/kvm} to a KVM in Java that is watched from inside. Each is a class with a
 * {@code main}; read them in order.
 */
package jkvm.examples;
