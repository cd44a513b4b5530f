package jkvm.app.lab;

import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The emulated machine: a QEMU process, and a socket for each of the lab's ports. Any thread may {@link #close()}, any
 * number of times; then the process is gone, the sockets end and the run's folder is deleted. The end of the JVM closes
 * it, too.
 */
final class LabMachine implements AutoCloseable {

    /** The use of a port. The order is that of the port numbers in the lab, from 1 on; the terminal is hvc0. */
    enum LabPort { CONTROL, STDIN, STDOUT, STDERR, TERMINAL }

    private static final String CONSOLE_LOG = "console.log";
    private static final String QEMU_LOG = "qemu.log";
    /** Address of the network card on QEMU's user network. */
    private static final String LAB_ADDRESS = "10.0.2.15";

    private final Path folder;
    private final Map<LabPort, SocketChannel> channels = new EnumMap<>(LabPort.class);
    private final Process qemu;
    private final Thread atExit = new Thread(this::end, "lab end");
    private boolean closed;

    /**
     * Starts the machine.
     *
     * @param folder for this run only, and this object's from now on: holds the settings and the job already
     * @throws IOException if QEMU does not come up
     */
    LabMachine(Path qemuProgram, LabKernel kernel, Path initramfs, LabOptions options, Path folder)
            throws IOException {
        this.folder = folder;
        List<ServerSocketChannel> listeners = new ArrayList<>();
        Process started = null;
        try {
            for (LabPort port : LabPort.values()) {
                ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                listeners.add(listener);
                listener.bind(UnixDomainSocketAddress.of(folder.resolve(port.name())));
            }
            started = new ProcessBuilder(command(qemuProgram, kernel, initramfs, options)).directory(folder.toFile())
                    .redirectInput(new File("/dev/null")).redirectErrorStream(true)
                    .redirectOutput(folder.resolve(QEMU_LOG).toFile()).start();
            // A listener that waits for a QEMU that has ended would wait for ever.
            var _ = started.onExit().thenRun(() -> listeners.forEach(LabMachine::closeQuietly));
            for (LabPort port : LabPort.values()) {
                channels.put(port, listeners.get(port.ordinal()).accept());
            }
        } catch (IOException e) {
            String reason = started != null && !started.isAlive() ? LabTools.lastLine(folder.resolve(QEMU_LOG))
                    : e.toString();
            if (started != null) {
                started.destroyForcibly();
            }
            LabCache.delete(folder);
            throw new IOException(reason, e);
        } finally {
            listeners.forEach(LabMachine::closeQuietly);
        }
        this.qemu = started;
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    static List<String> command(Path qemuProgram, LabKernel kernel, Path initramfs, LabOptions options) {
        Optional<Path> elf = kernel.elfImage();
        List<String> command = new ArrayList<>(List.of(qemuProgram.toString(),
                "-name", "jkvm-lab", "-machine", "pc", "-accel", "tcg,thread=multi",
                // Five-level page tables make every walk of the emulated MMU longer.
                "-cpu", "max,la57=off", "-smp", Integer.toString(options.cpus()), "-m", options.mebibytes() + "M",
                "-nodefaults", "-no-user-config", "-vga", "none", "-display", "none", "-no-reboot",
                "-kernel", elf.orElseGet(kernel::image).toString(), "-initrd", initramfs.toString(),
                "-append", "console=ttyS0 quiet panic=-1 mitigations=off nokaslr tsc=reliable no_timer_check "
                        + "nowatchdog audit=0 apparmor=0 cryptomgr.notests random.trust_cpu=on",
                "-serial", "file:" + CONSOLE_LOG,
                "-virtfs", "local,path=/,mount_tag=root,security_model=none,multidevs=remap",
                "-device", "virtio-serial-pci"));
        for (LabPort port : LabPort.values()) {
            command.addAll(List.of("-chardev", "socket,id=%s,path=%s".formatted(port, port), "-device",
                    port == LabPort.TERMINAL ? "virtconsole,nr=0,chardev=" + port
                            : "virtserialport,nr=%d,chardev=%s".formatted(port.ordinal() + 1, port)));
        }
        if (options.network()) {
            StringBuilder network = new StringBuilder("user,id=net");
            for (LabOptions.PortForward forward : options.forwards()) {
                network.append(",hostfwd=%s:%s:%d-%s:%d".formatted(forward.protocol(), forward.address(),
                        forward.port(), LAB_ADDRESS, options.cardPort(forward)));
            }
            command.addAll(List.of("-netdev", network.toString(), "-device", "virtio-net-pci,netdev=net,romfile="));
        }
        return command;
    }

    Path folder() {
        return folder;
    }

    SocketChannel channel(LabPort port) {
        return channels.get(port);
    }

    /** Why the machine ended by itself, as far as its console or QEMU says. */
    synchronized String lastWords() {
        try {
            for (String log : List.of(CONSOLE_LOG, QEMU_LOG)) {
                Path file = folder.resolve(log);
                if (Files.isRegularFile(file) && Files.size(file) > 0) {
                    return LabTools.lastWords(file);
                }
            }
        } catch (IOException e) {
            return e.toString();
        }
        return "it said nothing";
    }

    /** Ends the process; what it sent before can still be read. */
    void kill() {
        qemu.destroyForcibly();
        boolean interrupted = false;
        while (qemu.isAlive()) {
            try {
                qemu.waitFor();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        end();
        // Not before: a process that is told to end just now would leave the folder.
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            System.getLogger("jkvm.app.lab").log(System.Logger.Level.DEBUG, "the JVM ends", e);
        }
    }

    private synchronized void end() {
        if (closed) {
            return;
        }
        closed = true;
        kill();
        channels.values().forEach(LabMachine::closeQuietly);
        try {
            LabCache.delete(folder);
        } catch (IOException e) {
            System.getLogger("jkvm.app.lab").log(System.Logger.Level.WARNING, "cannot delete " + folder, e);
        }
    }

    private static void closeQuietly(AutoCloseable channel) {
        try {
            channel.close();
        } catch (Exception e) {
            System.getLogger("jkvm.app.lab").log(System.Logger.Level.DEBUG, "close", e);
        }
    }
}
