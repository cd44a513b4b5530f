package jkvm.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import jkvm.app.lab.CpioWriter;

/**
 * Linux with an initial file system of busybox and a script, which says that it is there and then does what it is told.
 *
 * @param machine the type of its machine
 * @param kernel  a bzImage
 * @param initrd  as {@link #writeInitrd} makes it
 */
record LinuxGuest(String machine, Path kernel, Path initrd) {
    static final int MEMORY_MIB = 512;
    /** The first line of /init. */
    static final String HELLO = "INIT IS HERE";
    /** Tells /init to pack and to hash, each with its time. */
    static final String WORK = "work";
    /** Tells /init to print {@link #TICKS} every hundredth of a second. */
    static final String TICK = "tick";
    static final String TICKS = "tick ";
    /** Tells /init to print {@link #TICKS} every second, and to do nothing else. Linux takes the word idle. */
    static final String IDLE = "rest";
    /** Tells /init to write 5 MiB of a file in RAM every tenth of a second, and {@link #TICKS} with each 50 MiB. */
    static final String WRITE = "write";
    /** Tells /init to give a shell. */
    static final String SHELL = "shell";
    static final String PROMPT = "guest# ";
    private static final String INIT = """
            #!/bin/busybox sh
            /bin/busybox echo INIT IS HERE
            /bin/busybox mount -t proc proc /proc
            /bin/busybox --install -s /bin
            export PATH=/bin HOME=/ TERM=vt100 PS1='guest# '
            if [ "$1" = work ]; then
                dd if=/dev/urandom of=/tmp/random bs=1M count=16 2>/dev/null
                time gzip -c /tmp/random > /tmp/packed
                rm /tmp/packed
                dd if=/dev/zero of=/tmp/zero bs=1M count=64 2>/dev/null
                time sha256sum /tmp/zero
                poweroff -f
            fi
            if [ "$1" = tick ]; then
                while :; do usleep 10000; echo "tick "; done
            fi
            if [ "$1" = rest ]; then
                while :; do sleep 1; echo "tick "; done
            fi
            if [ "$1" = write ]; then
                dd if=/dev/urandom of=/tmp/data bs=1M count=5 2>/dev/null
                while :; do
                    for at in 0 5 10 15 20 25 30 35 40 45; do
                        usleep 90000 &
                        dd if=/tmp/data of=/tmp/written bs=1M count=5 seek=$at conv=notrunc 2>/dev/null
                        wait
                    done
                    echo "tick "
                done
            fi
            mount -t devtmpfs dev /dev
            exec setsid -c sh -i </dev/ttyS0 >/dev/ttyS0 2>&1
            """;

    /** @param busybox statically linked */
    static void writeInitrd(Path busybox, Path file) throws IOException {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file));
                CpioWriter cpio = new CpioWriter(out)) {
            for (String folder : List.of("bin", "dev", "proc", "tmp")) {
                cpio.folder(folder);
            }
            cpio.characterDevice("dev/console", 5, 1);
            cpio.characterDevice("dev/urandom", 1, 9);
            cpio.characterDevice("dev/zero", 1, 5);
            cpio.characterDevice("dev/null", 1, 3);
            cpio.file("bin/busybox", 0755, Files.readAllBytes(busybox));
            cpio.file("init", 0755, INIT.getBytes(StandardCharsets.US_ASCII));
        }
    }

    /**
     * Starts it.
     *
     * @param task one of those above
     * @param more options
     */
    WatchedProcess start(Hypervisor hypervisor, String task, String... more) {
        List<String> words = new ArrayList<>(hypervisor.command());
        words.addAll(options(task, more));
        return new WatchedProcess(words);
    }

    /** The words that follow a command. */
    List<String> options(String task, String... more) {
        List<String> options = new ArrayList<>(Hypervisor.options(machine, MEMORY_MIB + "M"));
        options.addAll(List.of("-kernel", kernel.toString(), "-initrd", initrd.toString(), "-append",
                "console=ttyS0 quiet " + task));
        options.addAll(List.of(more));
        return options;
    }
}
