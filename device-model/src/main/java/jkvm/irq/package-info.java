/** Interrupt lines as devices see them. */
package jkvm.irq;
