package jkvm.machine.config;

/**
 * The events that end a machine.
 *
 * @param noReboot   a guest's reset ends the process
 * @param noShutdown a guest's power-off stops the machine and keeps the process
 */
public record EndConfig(boolean noReboot, boolean noShutdown) {
}
