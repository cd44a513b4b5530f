/**
 * A conformance suite of the KVM API: small cases, each one behaviour that a user of KVM can see, such as an errno, an
 * exit, a field of the shared page or a state. Each case is written once against the system calls and runs on the KVM
 * in Java and on {@code /dev/kvm} alike ({@link ConformanceSuite}). It observes; what a KVM is known
 * to answer stands in a table by kernel version ({@link KnownOutcomes}), with a note where the KVM in
 * Java differs on purpose. The reference, kvm_amd of Linux 6.1, was seen in the lab, and a test of the lab tier
 * compares it again; where the lab's emulated processor lacks something that a real one has, the note says so.
 *
 * <p>To add a case: write a method or a lambda that returns what it sees as a short string, list it in the class of its
 * theme, and add its line to the table.
 */
package jkvm.conformance;
