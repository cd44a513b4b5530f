/** Interrupts as devices see them: lines, and messages. */
package jkvm.irq;
