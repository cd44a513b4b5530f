/**
 * Parts of a run: {@link ExitDispatcher} takes a vCPU's exits to the devices, {@link ExitEvents} hears of the others,
 * {@link GuestTime} holds the guest's own clocks during a pause.
 */
package jkvm.machine.run;
