package jkvm.soft;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.IntFunction;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.LinuxException;
import jkvm.linux.Syscalls;
import jkvm.soft.Accelerator.Kind;
import jkvm.soft.kvm.SoftKvm;
import jkvm.soft.observe.SoftObserver;
import jkvm.vm.Kvm;
import jkvm.vm.KvmVersionException;

/**
 * Opens the KVM that guests run on: the host's, or the one written in Java. Both answer the same requests, so that
 * nothing above knows which one it has:
 *
 * <pre>{@code
 * try (Kvm kvm = Accelerators.open("kvm:soft").openKvm(); Vm vm = kvm.createVm()) {
 *     System.out.println(kvm.apiVersion());
 * }
 * }</pre>
 */
public final class Accelerators {
    /** Takes {@code /dev/kvm} wherever it is usable: for commands whose subject is KVM, and for tiny guests. */
    public static final String KVM_OR_SOFT = "kvm:soft";
    /** Where the flags of the first processor are, at the beginning: the file of many processors is long and slow. */
    private static final int CPUINFO_BYTES = 8192;

    private Accelerators() {
    }

    /**
     * As {@link #open(String, Syscalls)}, on this process's system calls. Without a name: {@code /dev/kvm} wherever it
     * is usable, else the one in Java.
     */
    public static Accelerator open(String... names) {
        return open(names.length == 0 ? KVM_OR_SOFT : String.join(":", names), new FfmSyscalls());
    }

    /**
     * Opens the first accelerator of a list that can be used here.
     *
     * @param names {@code kvm}, {@code soft} (or {@code tcg}), or several with colons between them, the preferred first
     * @param host  the host's system calls
     * @throws IllegalArgumentException if a name is unknown
     * @throws LinuxException           if none can be used; the message says what to do
     */
    public static Accelerator open(String names, Syscalls host) {
        List<Kind> kinds = new ArrayList<>();
        for (String name : names.split(":")) {
            kinds.add(Kind.named(name).orElseThrow(() -> new IllegalArgumentException(
                    "invalid accelerator " + name + "; there are kvm and soft (or tcg)")));
        }
        return open(kinds, host);
    }

    /** As {@link #open(String, Syscalls)}; an empty list leaves the choice to {@link #openFastest}. */
    public static Accelerator open(List<Kind> kinds, Syscalls host) {
        return open(kinds, host, SoftOptions.DEFAULT);
    }

    /**
     * As {@link #open(List, Syscalls)}.
     *
     * @param options for the one in Java
     */
    public static Accelerator open(List<Kind> kinds, Syscalls host, SoftOptions options) {
        if (kinds.isEmpty()) {
            return openFastest(host, Path.of("/"), options);
        }
        RuntimeException failure = null;
        for (Kind kind : kinds) {
            if (kind == Kind.SOFT) {
                return new Accelerator(Kind.SOFT, soft(host, options), failure == null ? "" : reason(failure));
            }
            try {
                Kvm.open(host).close();
                return new Accelerator(Kind.KVM, host, "");
            } catch (LinuxException | KvmVersionException e) {
                failure = e;
            }
        }
        throw failure;
    }

    private static String reason(RuntimeException failure) {
        return failure instanceof LinuxException e
                ? "%s: %s (%s); jkvm doctor tells what would help".formatted(e.call(), e.errno(), e.errno().text())
                : failure.getMessage();
    }

    /**
     * Opens the one that runs guest code faster: {@code /dev/kvm} where it is usable and the processor itself executes
     * the guest, else the one in Java. A KVM that emulates each instruction, as {@code kvm_pvm} does without VMX and
     * SVM, is far slower than that.
     */
    public static Accelerator openFastest(Syscalls host) {
        return openFastest(host, Path.of("/"));
    }

    private static Accelerator openFastest(Syscalls host, Path root, SoftOptions options) {
        Accelerator usable = open(List.of(Kind.KVM, Kind.SOFT), host, options);
        return usable.kind() == Kind.SOFT || isNative(root) ? usable : new Accelerator(Kind.SOFT, soft(host, options),
                Kvm.DEVICE + " emulates each instruction here; name kvm to take it even so");
    }

    /** @param root the root of the file tree, {@code /} but in tests */
    static Accelerator openFastest(Syscalls host, Path root) {
        return openFastest(host, root, SoftOptions.DEFAULT);
    }

    /**
     * Opens the one in Java, its vCPUs watched from inside, on this process's system calls.
     *
     * @param observers gives the observer of each vCPU by the vCPU's number, or null
     */
    public static Accelerator openSoft(IntFunction<SoftObserver> observers) {
        SoftKvm kvm = new SoftKvm(new FfmSyscalls(), observers, true, null, OptionalLong.empty());
        return new Accelerator(Kind.SOFT, kvm, "");
    }

    private static SoftKvm soft(Syscalls host, SoftOptions options) {
        return new SoftKvm(host, options.observers(), options.compiles(), options.clock(), options.seed());
    }

    /**
     * True where the processor itself executes a KVM's guest code: the KVM opens, and its module for VMX or SVM is in
     * force.
     */
    static boolean isNative(Path root) {
        // A module may be built in and not be in force, and another KVM may not use the processor's extension.
        return hasVirtualisation(root.resolve("proc/cpuinfo"))
                && (!Files.exists(root.resolve("sys/module/kvm_pvm"))
                        || Files.exists(root.resolve("sys/module/kvm_intel"))
                        || Files.exists(root.resolve("sys/module/kvm_amd")));
    }

    private static boolean hasVirtualisation(Path cpuinfo) {
        String text;
        try (InputStream in = new FileInputStream(cpuinfo.toFile())) {
            text = new String(in.readNBytes(CPUINFO_BYTES), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return false;
        }
        int start = text.indexOf("\nflags");
        int end = start < 0 ? -1 : text.indexOf('\n', start + 1);
        if (end < 0) {
            return false;
        }
        String flags = text.substring(start, end) + ' ';
        return flags.contains(" vmx ") || flags.contains(" svm ");
    }
}
