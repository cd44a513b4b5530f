/**
 * {@code jkvm shell}: the JDK's JShell with a machine in scope. {@link jkvm.app.shell.ShellCommand} makes the machine;
 * {@link jkvm.app.shell.InteractiveShell} is JShell's own tool on a terminal, {@link jkvm.app.shell.ScriptRunner} runs
 * scripts and what comes through a pipe, by JShell's API, and stops at the first error.
 *
 * <p>Snippets run in jkvm's own JVM: they are the user's and may do all that jkvm may.
 */
package jkvm.app.shell;
