package jkvm.app.shell;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.util.Map;
import java.util.OptionalInt;
import jdk.jshell.Diag;
import jdk.jshell.EvalException;
import jdk.jshell.JShell;
import jdk.jshell.JShellException;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.execution.DirectExecutionControl;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;

/**
 * Runs snippets that nobody types: each as soon as it is complete, silent but for what it prints itself, until the
 * first that fails. {@code /exit [CODE]} is the only command.
 */
final class ScriptRunner implements AutoCloseable {
    private static final int FAILURE = 1;
    private static final String EXIT = "/exit";

    private final PrintStream err;
    private final JShell shell;
    private final SourceCodeAnalysis analysis;
    private String name = "";
    private int line;

    /**
     * Runs snippets on the caller's thread. JShell's own local engine gives each a thread, and waits for those that the
     * snippet has started meanwhile, such as a guest's, as well.
     */
    private static final class SameThread implements ExecutionControlProvider {
        @Override
        public String name() {
            return "same-thread";
        }

        @Override
        public ExecutionControl generate(ExecutionEnv env, Map<String, String> parameters) {
            return new DirectExecutionControl();
        }
    }

    ScriptRunner(PrintStream err) {
        this.err = err;
        shell = JShell.builder().executionEngine(new SameThread(), Map.of())
                .compilerOptions(ShellGuest.whereabouts().toArray(String[]::new)).build();
        analysis = shell.sourceCodeAnalysis();
        for (String snippet : ShellGuest.STARTUP) {
            if (!evaluate(snippet)) {
                throw new IllegalStateException("JShell refuses " + snippet);
            }
        }
    }

    /**
     * Runs a script.
     *
     * @param scriptName for messages
     * @return the exit code if the script ends the shell: {@code /exit}'s, or 1 after an error
     * @throws IOException if it cannot be read
     */
    OptionalInt run(String scriptName, Reader script) throws IOException {
        name = scriptName;
        line = 0;
        String pending = "";
        BufferedReader lines = new BufferedReader(script);
        for (String text = lines.readLine(); text != null; text = lines.readLine()) {
            line++;
            String word = text.strip();
            if (pending.isEmpty() && word.startsWith("/") && !word.startsWith("//") && !word.startsWith("/*")) {
                return exit(word);
            }
            pending = evaluateComplete(pending + text + "\n");
            if (pending == null) {
                return OptionalInt.of(FAILURE);
            }
        }
        boolean isDone = pending.isEmpty() || evaluate(pending);
        return isDone ? OptionalInt.empty() : OptionalInt.of(FAILURE);
    }

    private OptionalInt exit(String command) {
        if (command.equals(EXIT)) {
            return OptionalInt.of(0);
        }
        if (!command.startsWith(EXIT + " ")) {
            fail(command + ": a script has no command but " + EXIT);
            return OptionalInt.of(FAILURE);
        }
        for (SnippetEvent event : shell.eval(command.substring(EXIT.length()))) {
            if (isGood(event) && event.value() != null && event.value().matches("-?\\d{1,9}")) {
                return OptionalInt.of(Integer.parseInt(event.value()));
            }
        }
        fail(command + ": the exit code is no number");
        return OptionalInt.of(FAILURE);
    }

    /** @return what is not complete yet; null after an error */
    private String evaluateComplete(String source) {
        String rest = source;
        while (!rest.isBlank()) {
            CompletionInfo info = analysis.analyzeCompletion(rest);
            if (info.completeness() == Completeness.EMPTY) {
                return "";
            }
            if (!info.completeness().isComplete()) {
                return rest;
            }
            if (!evaluate(info.source())) {
                return null;
            }
            rest = info.remaining();
        }
        return "";
    }

    /** @return false after an error */
    private boolean evaluate(String snippet) {
        boolean isGood = true;
        for (SnippetEvent event : shell.eval(snippet)) {
            isGood &= isGood(event);
        }
        return isGood;
    }

    private boolean isGood(SnippetEvent event) {
        if (event.status() == Snippet.Status.REJECTED) {
            shell.diagnostics(event.snippet()).filter(Diag::isError)
                    .forEach(problem -> fail(problem.getMessage(null)));
            return false;
        }
        JShellException cause = event.exception();
        if (cause != null) {
            fail(cause instanceof EvalException thrown ? thrown.getExceptionClassName() + ": " + thrown.getMessage()
                    : cause.toString());
        }
        return cause == null;
    }

    private void fail(String message) {
        err.println(name + ":" + line + ": " + message);
    }

    @Override
    public void close() {
        shell.close();
    }
}
