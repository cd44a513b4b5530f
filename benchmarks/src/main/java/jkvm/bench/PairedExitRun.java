package jkvm.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import jkvm.linux.FfmSyscalls;

/**
 * A port write exit in Java beside one in C ({@code pio_exit.c}, compiled now), in alternating rounds of one run:
 * {@code PairedExitRun [ROUNDS [EXITS]]}, 200 rounds of 1000 exits if not said.
 */
public final class PairedExitRun {
    private static final int WARM_UP_ROUNDS = 50;
    private final PioGuest guest;
    private final BufferedReader answers;
    private final PrintStream questions;
    private final int exits;

    private PairedExitRun(PioGuest guest, Process c, int exits) {
        this.guest = guest;
        this.answers = c.inputReader(StandardCharsets.US_ASCII);
        this.questions = new PrintStream(c.getOutputStream(), true, StandardCharsets.US_ASCII);
        this.exits = exits;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 200;
        int exits = args.length > 1 ? Integer.parseInt(args[1]) : 1000;
        PairedComparison found = measure(rounds, exits);
        System.out.printf(Locale.ROOT, "%d pairs of rounds of %d exits%n", rounds, exits);
        PairedComparison.printHead(System.out, "C");
        found.print(System.out);
    }

    static PairedComparison measure(int rounds, int exits) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("jkvm-bench");
        Path program = folder.resolve("pio_exit");
        Path source = folder.resolve("pio_exit.c");
        try (PioGuest guest = new PioGuest(new FfmSyscalls())) {
            compile(source, program);
            Process c = new ProcessBuilder(program.toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            try {
                return new PairedExitRun(guest, c, exits).compare(rounds);
            } finally {
                c.destroy();
                c.waitFor();
            }
        } finally {
            Files.deleteIfExists(source);
            Files.deleteIfExists(program);
            Files.delete(folder);
        }
    }

    private static void compile(Path source, Path program) throws IOException, InterruptedException {
        try (InputStream in = PairedExitRun.class.getResourceAsStream("pio_exit.c")) {
            Files.copy(in, source, StandardCopyOption.REPLACE_EXISTING);
        }
        Process cc = new ProcessBuilder("cc", "-O2", "-Wall", "-o", program.toString(), source.toString()).inheritIO()
                .start();
        if (cc.waitFor() != 0) {
            throw new IllegalStateException("cc could not compile " + source.getFileName());
        }
    }

    private PairedComparison compare(int rounds) throws IOException {
        for (int i = 0; i < WARM_UP_ROUNDS; i++) {
            inJava();
            inC();
        }
        double[] java = new double[rounds];
        double[] c = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            // Each goes first every other time, so that a drift of the host favours none.
            if (i % 2 == 0) {
                java[i] = inJava();
                c[i] = inC();
            } else {
                c[i] = inC();
                java[i] = inJava();
            }
        }
        return new PairedComparison("port write exit on /dev/kvm", "ns", java, c, "<= 1.00");
    }

    private double inJava() {
        long start = System.nanoTime();
        for (int i = 0; i < exits; i++) {
            guest.exit();
        }
        return (double) (System.nanoTime() - start) / exits;
    }

    private double inC() throws IOException {
        questions.println(exits);
        String answer = answers.readLine();
        if (answer == null) {
            throw new IllegalStateException("the C program ended");
        }
        return (double) Long.parseLong(answer) / exits;
    }
}
