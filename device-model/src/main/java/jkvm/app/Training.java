package jkvm.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs every command but {@code img} once, so that the start-up cache that the JVM makes of this process knows the
 * classes of each, and a guest that does what a kernel does while it boots: the cache keeps the profiles of the methods
 * of the KVM in Java, and the JVM's compiler need not learn them again in each run. Their output and their success do
 * not count. {@code Training IMAGE}: a multiboot image that writes one character to the first serial port and ends
 * itself by port 0xf4. Without it {@code img} alone is run, for its own cache: each class in one takes time at every
 * start.
 */
final class Training {
    private Training() {
    }

    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createTempDirectory("jkvm-training");
        try (PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream())) {
            Main.linkLibc();
            System.setOut(nowhere);
            if (arguments.length == 0) {
                images(folder, nowhere);
                return;
            }
            guests(arguments[0], nowhere);
            for (String line : List.of("demo -accel kvm", "demo -accel soft", "harness " + arguments[0], "doctor",
                    "doctor --json", "lab -help", "-help", "-version", "-device help")) {
                run(line, nowhere);
            }
            profiles(folder, nowhere);
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
            }
        }
    }

    private static void guests(String image, PrintStream nowhere) {
        for (String machine : List.of("pc", "pc,accel=kvm", "pc,accel=soft", "microvm,accel=soft")) {
            guest(machine, image, nowhere);
        }
    }

    private static void guest(String machine, String image, PrintStream nowhere) {
        run("-machine " + machine + " -m 64M -smp 1 -nodefaults -display none -serial stdio -no-reboot"
                + " -device isa-debug-exit,iobase=0xf4,iosize=0x4 -kernel " + image, nowhere);
    }

    private static void profiles(Path folder, PrintStream nowhere) throws IOException {
        Path image = folder.resolve("training.bin");
        try (InputStream guest = Training.class.getResourceAsStream("training.bin")) {
            Files.copy(guest, image);
        }
        guest("pc,accel=soft", image.toString(), nowhere);
    }

    private static void images(Path folder, PrintStream nowhere) {
        String disk = folder.resolve("disk.qcow2").toString();
        String raw = folder.resolve("disk.raw").toString();
        String over = folder.resolve("over.qcow2").toString();
        for (String line : List.of("create -f qcow2 " + disk + " 1M", "info " + disk, "info --output=json " + disk,
                "check " + disk, "convert -O raw " + disk + " " + raw, "convert -n " + disk + " " + raw,
                "create -f qcow2 -b " + disk + " -F qcow2 " + over, "convert -O qcow2 -B " + disk + " -F qcow2 " + over
                + " " + folder.resolve("copy.qcow2"), "map " + over, "compare " + raw + " " + over,
                "measure -O qcow2 " + over, "resize " + over + " +1M", "snapshot -c one " + over,
                "snapshot -l " + over, "rebase -u -b " + disk + " -F qcow2 " + over, "commit " + over)) {
            run("img " + line, nowhere);
        }
    }

    private static void run(String line, PrintStream nowhere) {
        Main.run(List.of(line.split(" ")), nowhere, nowhere);
    }
}
