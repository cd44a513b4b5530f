package jkvm.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import jkvm.soft.Accelerator;

/**
 * The whole process from start to a tiny guest's exit: jkvm and QEMU's microvm with the same options and the same
 * image, in alternating runs. {@code StartupRun [kvm|tcg] [RUNS [JKVM [QEMU]]]}: 15 runs of {@code ./jkvm} and
 * {@code qemu-system-x86_64} on {@code /dev/kvm} if not said; {@code tcg} is the KVM in Java beside QEMU's emulation.
 */
public final class StartupRun {
    private static final int WARM_UP_RUNS = 2;
    /** The exit code by the guest's write to isa-debug-exit: {@code (0 << 1) | 1}. */
    private static final int EXIT_CODE = 1;
    private static final String OUTPUT = "A";

    private StartupRun() {
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        boolean isNamed = arguments.length > 0 && Accelerator.Kind.named(arguments[0]).isPresent();
        String accelerator = isNamed ? arguments[0] : "kvm";
        String[] args = isNamed ? Arrays.copyOfRange(arguments, 1, arguments.length) : arguments;
        int runs = args.length > 0 ? Integer.parseInt(args[0]) : 15;
        String jkvm = args.length > 1 ? args[1] : "./jkvm";
        String qemu = args.length > 2 ? args[2] : "qemu-system-x86_64";
        Path image = Files.createTempFile("jkvm-startup", ".elf");
        try (InputStream in = StartupRun.class.getResourceAsStream("startup.bin")) {
            Files.copy(in, image, StandardCopyOption.REPLACE_EXISTING);
            compare(runs, command(jkvm, accelerator, image), command(qemu, accelerator, image));
        } finally {
            Files.delete(image);
        }
    }

    /** @param program a command, its words parted by spaces */
    private static List<String> command(String program, String accelerator, Path image) {
        List<String> command = new ArrayList<>(List.of(program.split(" ")));
        command.addAll(List.of("-machine", "microvm,accel=" + accelerator, "-m", "64M", "-nodefaults", "-display",
                "none", "-serial", "stdio", "-no-reboot", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4", "-kernel",
                image.toString()));
        return command;
    }

    private static void compare(int runs, List<String> jkvm, List<String> qemu)
            throws IOException, InterruptedException {
        double[] first = new double[runs];
        double[] second = new double[runs];
        for (int i = -WARM_UP_RUNS; i < runs; i++) {
            double one = milliseconds(jkvm);
            double other = milliseconds(qemu);
            if (i >= 0) {
                first[i] = one;
                second[i] = other;
            }
        }
        System.out.printf(Locale.ROOT, "%d pairs of runs, milliseconds from start to exit, medians%n", runs);
        System.out.printf(Locale.ROOT, "jkvm %10.1f%nQEMU %10.1f%npaired ratio jkvm/QEMU %.2f%n", Medians.median(first),
                Medians.median(second), Medians.pairedRatio(first, second));
    }

    private static double milliseconds(List<String> command) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command).redirectInput(Path.of("/dev/null").toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        int code = process.waitFor();
        double time = (System.nanoTime() - start) / 1e6;
        if (code != EXIT_CODE || !output.equals(OUTPUT)) {
            throw new IllegalStateException("exit code %d, output '%s' of: %s".formatted(code, output,
                    String.join(" ", command)));
        }
        return time;
    }
}
