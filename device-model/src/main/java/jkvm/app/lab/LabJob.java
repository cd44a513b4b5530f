package jkvm.app.lab;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A program to run in the lab.
 *
 * @param command     program and arguments; a program without a slash is looked for on the environment's PATH
 * @param directory   the current directory, an absolute path
 * @param environment variables; those whose name a shell cannot set are left out
 */
public record LabJob(List<String> command, Path directory, Map<String, String> environment) {
    private static final Set<String> SHELLS_OWN = Set.of("PWD", "OLDPWD", "SHLVL", "_", "PPID", "IFS", "OPTIND");

    public LabJob {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }

    /** A command in the current directory and environment of this process. */
    public static LabJob here(List<String> command) {
        return new LabJob(command, Path.of("").toAbsolutePath(), System.getenv());
    }

    /** The script for the lab's /bin/sh. */
    String script() {
        StringBuilder script = new StringBuilder();
        environment.forEach((name, value) -> {
            if (name.matches("[A-Za-z_][A-Za-z0-9_]*") && !SHELLS_OWN.contains(name)) {
                script.append("export ").append(name).append('=').append(quote(value)).append('\n');
            }
        });
        script.append("cd -- ").append(quote(directory.toString())).append(" || exit 126\nexec");
        for (String word : command) {
            script.append(' ').append(quote(word));
        }
        return script.append('\n').toString();
    }

    /** The word as a POSIX shell reads it back, whatever it is made of. */
    static String quote(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
