/**
 * The course that the lessons make: their order, their exercises with hidden tests, and the command {@code ./jkvm
 * lesson}. Read {@link jkvm.examples} first; the tests here give solutions away.
 */
package jkvm.examples.course;
