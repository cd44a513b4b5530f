package jkvm.app.lab;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** Commands in the lab, for tests of the lab tier. */
public final class LabRun {

    /** How a command ended and what it wrote. */
    public record Result(int exit, byte[] stdout, byte[] stderr) {

        public String out() {
            return new String(stdout, StandardCharsets.UTF_8);
        }

        public String err() {
            return new String(stderr, StandardCharsets.UTF_8);
        }
    }

    private LabRun() {
    }

    /**
     * Runs a command in a lab of its own, in the current directory.
     *
     * @param stdin what it reads, to its end
     * @param limit for all of it, the lab's start included
     * @throws AssertionError with what the command wrote, if it takes longer
     */
    public static Result exec(List<String> command, byte[] stdin, Duration limit) throws Exception {
        return exec(command, LabOptions.suitedTo(command), stdin, limit);
    }

    /**
     * Runs a command in a lab that this machine's network does not reach: its ports are the lab's own.
     *
     * @see #exec(List, byte[], Duration)
     */
    public static Result execApart(List<String> command, Duration limit) throws Exception {
        return exec(command, LabOptions.suitedTo(List.of()), new byte[0], limit);
    }

    private static Result exec(List<String> command, LabOptions options, byte[] stdin, Duration limit)
            throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Lab lab = Lab.prepare(System.err::println);
        FutureTask<Integer> run = new FutureTask<>(() -> lab.run(LabJob.here(command), options,
                LabStreams.pipes(new ByteArrayInputStream(stdin), out, err)));
        Thread thread = Thread.ofPlatform().daemon().start(run);
        try {
            return new Result(run.get(limit.toMillis(), TimeUnit.MILLISECONDS), out.toByteArray(), err.toByteArray());
        } catch (TimeoutException e) {
            throw new AssertionError("%s did not end within %s; stdout:%n%s%nstderr:%n%s".formatted(command, limit, out,
                    err), e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            thread.interrupt();
            thread.join();
        }
    }

    /** Runs jkvm itself in a lab of its own. @see #exec */
    public static Result jkvm(List<String> arguments, byte[] stdin, Duration limit) throws Exception {
        return exec(Lab.innerJkvm(arguments), stdin, limit);
    }

    /** jkvm with these arguments, as a shell script in the lab starts it. */
    public static String inShell(List<String> arguments) {
        return Lab.innerJkvm(arguments).stream().map(LabJob::quote).collect(Collectors.joining(" "));
    }

    /** A shell script, as a command. */
    public static List<String> shell(String script, String... arguments) {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", script, "sh"));
        command.addAll(List.of(arguments));
        return command;
    }
}
