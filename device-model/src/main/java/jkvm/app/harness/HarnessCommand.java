package jkvm.app.harness;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import jkvm.app.options.AcceleratorOptions;
import jkvm.app.options.ChardevOptions;
import jkvm.app.options.CommandWords;
import jkvm.app.options.ErrorText;
import jkvm.app.options.UsageException;
import jkvm.linux.FfmSyscalls;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;

/** {@code jkvm harness}: runs flat images in a VM without devices, showing its registers and what it sends to 0x3f8. */
public final class HarnessCommand {
    private static final String USAGE = """
            usage: jkvm harness [-32] [-accel kvm|soft] BOOT [PAYLOAD]
            Runs BOOT in a VM with 128 MiB, one vCPU and no devices but a serial port's transmit side at 0x3f8.
              BOOT     loaded at 0xf0000, at most 64 KiB, entered in real mode at the reset vector 0xffff0;
                       one that ends before the vector is entered at its first byte
              PAYLOAD  loaded at 0x100000
              -32      enter PAYLOAD in flat 32-bit protected mode; BOOT alone is then loaded at 0x100000
                       and entered there
              -accel   what runs it: /dev/kvm (where it is usable, if not said) or the KVM in Java
            Exit code 0 if the guest ends by HLT.
            """;

    private HarnessCommand() {
    }

    /**
     * Runs the command on the process's standard streams.
     *
     * @return the exit code
     */
    public static int run(List<String> args) {
        return run(args, System.out, System.err);
    }

    static int run(List<String> args, PrintStream out, PrintStream err) {
        try {
            CommandWords words = new CommandWords("harness",
                    "harness: unknown option %s; jkvm harness -help lists them")
                    .flags("-32").valued("-accel").operands().read(args);
            if (words.asksForHelp()) {
                out.print(USAGE);
                return 0;
            }
            return run(parse(words), out, err);
        } catch (RuntimeException e) {
            return ErrorText.report(e, err);
        }
    }

    private record Options(boolean isProtectedMode, String accelerators, List<Path> files) {
    }

    private static Options parse(CommandWords words) {
        List<Path> files = words.rest().stream().map(file -> ChardevOptions.path("harness", file)).toList();
        if (files.isEmpty() || files.size() > 2) {
            throw new UsageException("harness: needs one or two files, not " + files.size()
                    + ": jkvm harness [-32] BOOT [PAYLOAD]");
        }
        return new Options(words.has("-32"), words.value("-accel").orElse(Accelerators.KVM_OR_SOFT), files);
    }

    private static int run(Options options, PrintStream out, PrintStream err) {
        SerialConsole console = new SerialConsole(out);
        Accelerator accelerator = AcceleratorOptions.open(options.accelerators(), new FfmSyscalls(), err);
        try (Harness harness = Harness.create(accelerator.syscalls(), console)) {
            load(harness, options);
            if (options.isProtectedMode()) {
                harness.enterProtectedMode();
            } else {
                harness.enterResetVector();
            }
            out.print(harness.registers());
            out.flush();
            HarnessResult result = harness.run();
            console.endLine();
            if (result.isHalted()) {
                out.print(harness.registers());
            } else {
                err.print(result.report());
            }
            out.flush();
            return result.isHalted() ? 0 : 1;
        }
    }

    private static void load(Harness harness, Options options) {
        Path boot = options.files().get(0);
        boolean isAlone = options.files().size() == 1;
        if (isAlone && options.isProtectedMode()) {
            harness.loadPayload(boot);
            // An image linked for the boot address finds its data there as well.
            if (boot.toFile().length() <= Harness.BOOT_SIZE) {
                harness.loadBoot(boot);
            }
            return;
        }
        harness.loadBoot(boot);
        if (!isAlone) {
            harness.loadPayload(options.files().get(1));
        }
    }
}
