/**
 * A machine as its user wants it, before anything is opened: {@link MachineConfig} with its groups, and the device
 * types that there are ({@link DeviceTypes}).
 */
package jkvm.machine.config;
