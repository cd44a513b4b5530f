/**
 * Six lessons, from opening {@code /dev/kvm} to a PCI device of one's own. Each is a class with a {@code main}; read
 * them in order.
 */
package jkvm.examples;
