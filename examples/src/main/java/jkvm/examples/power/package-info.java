/** The device of lesson 19: its registers, and its entry in the registry of device types. */
package jkvm.examples.power;
