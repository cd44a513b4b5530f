package jkvm.app.options;

import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import jkvm.boot.BootException;
import jkvm.device.board.PropertyException;
import jkvm.host.HostException;
import jkvm.host.disk.DiskException;
import jkvm.host.net.NetworkException;
import jkvm.host.usernet.ForwardException;
import jkvm.inspect.KvmHost;
import jkvm.linux.LinuxException;
import jkvm.machine.config.MachineException;
import jkvm.machine.config.MachineWarning;
import jkvm.vm.KvmAccessException;
import jkvm.vm.KvmVersionException;
import jkvm.vm.MissingCapabilityException;
import jkvm.work.InputLogException;

/**
 * Puts the errors of all floors into words for the command line: what is wrong, with what, and what to do, with the
 * names of options. The exceptions themselves know no options.
 */
public final class ErrorText {
    private static final int FAILURE = 1;
    /** Ports below need a privilege. */
    private static final int FIRST_FREE_PORT = 1024;

    private ErrorText() {
    }

    /**
     * Prints the line for an error that the user can mend.
     *
     * @param e thrown again if it is a defect of jkvm's instead
     * @return the exit code
     */
    public static int report(RuntimeException e, PrintStream err) {
        err.println("jkvm: " + of(e).orElseThrow(() -> e));
        return FAILURE;
    }

    /** The line for an error that the user can mend; empty if it is none of those. */
    public static Optional<String> of(RuntimeException e) {
        return switch (e) {
            case HostException host -> Optional.of(text(host));
            case MachineException machine -> Optional.of(text(machine));
            case BootException boot -> Optional.of(text(boot));
            case KvmAccessException kvm -> Optional.of(
                    text(kvm, KvmHost.read(Path.of("/")), System.getProperty("user.name")));
            case InputLogException log -> Optional.of(text(log));
            case PropertyException _, UsageException _, LinuxException _, KvmVersionException _,
                    MissingCapabilityException _, UncheckedIOException _ -> Optional.of(e.getMessage());
            default -> Optional.empty();
        };
    }

    /** The line for something that a machine does without. */
    public static String of(MachineWarning warning) {
        return switch (warning.kind()) {
            case CPU_FEATURE_NOT_OFFERED -> notOffered(warning.subject());
            case CPU_PROPERTY_WITHOUT_EFFECT -> "-cpu: not yet: " + warning.subject() + "; the guest runs without it";
            case FIRMWARE_NOT_USED -> "-bios " + warning.subject()
                    + ": not used, since -kernel starts the kernel without firmware";
            case IMAGE_FORMAT_GUESSED -> "Image format was not specified for '" + warning.subject()
                    + "' and probing guessed raw; writes of a header to block 0 fail: write format=raw if it is that";
            case ITEM_NAME_WITHOUT_PREFIX -> "-fw_cfg " + warning.subject()
                    + ": externally provided fw_cfg item names should be prefixed with \"opt/\"";
            case OPTION_ROM_ABSENT -> "-option-rom " + warning.subject()
                    + ": could not be opened; the guest starts without it";
        };
    }

    private static String notOffered(String feature) {
        return "host doesn't support requested feature: " + feature;
    }

    private static String text(BootException e) {
        String option = switch (e.role().orElse(BootException.Role.KERNEL)) {
            case FIRMWARE -> "-bios" + e.getMessage().substring(BootException.Role.FIRMWARE.text().length());
            case FW_CFG_FILE -> "-" + e.getMessage();
            case KERNEL, INITRD, IMAGE, ROM_FILE -> e.getMessage();
            case SMBIOS_FILE -> "-smbios: Cannot read " + e.getMessage();
        };
        return option + switch (e.kind()) {
            case NOT_ENOUGH_MEMORY -> "; give the guest more (-m)";
            case UNKNOWN_FORMAT -> "; a flat image boots with -device loader,file=F,addr=A,cpu-num=0";
            case UNUSABLE -> "";
        };
    }

    /** The advice is the one that {@code jkvm doctor} gives. */
    static String text(KvmAccessException e, KvmHost host, String user) {
        return "%s: %s (%s); %s; or run without it: -accel soft".formatted(e.call(), e.errno(), e.errno().text(),
                host.advice(e.errno(), user));
    }

    private static String text(MachineException e) {
        String subject = e.subject();
        String device = "-device " + subject + ": " + e.reason();
        return switch (e.kind()) {
            case NOTHING_TO_BOOT -> "nothing to boot: give -kernel FILE, firmware with -bios FILE, or a flat image with"
                    + " -device loader,file=FILE,addr=ADDRESS,cpu-num=0; or take a machine with a BIOS, -M pc";
            case LOADER_WITHOUT_ADDRESS -> "-device loader: addr= is missing; say where in guest memory " + subject
                    + " goes";
            case LOADER_OF_ELF -> "-device loader: " + subject + " is an ELF file, not a flat image; boot it with"
                    + " -kernel, or add force-raw=on to load the file as it is";
            case LOADER_OF_OTHER_CPU -> "-device loader: cpu-num=" + subject + ": " + e.reason() + "; use cpu-num=0";
            case TOO_MANY_CPUS -> "-smp " + subject + ": " + e.reason();
            case UNKNOWN_CPU_FEATURE -> "-cpu: unknown feature '" + subject
                    + "'; names are QEMU's, such as avx2 or x2apic";
            case UNKNOWN_CPU_MODEL -> "unable to find CPU model '" + subject + "'; -cpu help lists them";
            case CPU_PROPERTY_REFUSED -> "-cpu: " + subject + ": " + e.reason();
            case MISSING_CPU_FEATURE -> "-cpu: " + notOffered(subject) + "; leave enforce out to run without it";
            case DUPLICATE_ID -> "Duplicate ID '" + subject + "' for device";
            case SERIAL_PORT_TAKEN -> "serial port " + subject + " is in use";
            case TOO_MANY_SERIAL_PORTS -> e.reason() + "; there are " + subject + " in -serial and -device isa-serial";
            case EMPTY_MACHINE -> "-machine none: " + e.reason() + ": " + subject;
            case NO_PCI_BUS -> device + "; use -machine pc";
            case PCI_ADDRESS_TAKEN -> device + "; choose another addr=";
            case HIDDEN_PCI_FUNCTION -> "-device with addr=" + subject + ".N: " + e.reason() + "; put a device at addr="
                    + subject + ".0";
            case NO_SCSI_BUS -> device + "; put a -device virtio-scsi-pci before it";
            case NO_USB_BUS -> device + "; put a -device qemu-xhci before it";
            case NO_VIRTIO_MMIO -> device + ", or use -machine microvm";
            case ROM_NAME_TAKEN -> device + "; rename one";
            case NO_USB_PORT, PCI_BUS_FULL, TOO_MANY_VIRTIO_MMIO, UNUSABLE_ROM, SECOND_GENERATION_ID -> device;
            case MEMORY_FILE_REFUSED -> "guest memory from " + subject + ": " + e.reason();
            case SMBIOS_REFUSED -> "-smbios" + (subject.isEmpty() ? "" : " " + subject) + ": " + e.reason();
            case ITEM_REFUSED -> "-fw_cfg " + subject + ": " + e.reason();
            case ROM_FILE_REFUSED -> "rombar=0 or -option-rom makes the file " + subject + ": " + e.reason();
            case BOOT_ORDER_REFUSED -> "bootindex= makes the file " + subject + ": " + e.reason();
        };
    }

    private static String text(HostException e) {
        return switch (e) {
            case DiskException disk -> e.getMessage() + remedy(disk.kind());
            case NetworkException network -> text(network);
            case ForwardException forward -> "hostfwd: " + e.getMessage() + "; " + remedy(forward);
            default -> e.getMessage();
        };
    }

    private static String remedy(DiskException.Kind kind) {
        return switch (kind) {
            case NOT_WRITABLE -> "; readonly=on uses it without writing to it";
            case NO_DIRECT_ACCESS -> ": use another cache mode than none";
            case TOO_MANY_BACKING_FILES -> "; merge some with \"img convert\"";
            case MARKED_CORRUPT -> ": repair a copy with \"check -r all\", or open it read-only";
            case CLUSTERS_TOO_SMALL -> ": choose a larger cluster_size";
            case NO_TEMPORARY_FILE -> "; set TMPDIR to a folder with room";
            case NOT_FOUND, UNKNOWN_PROTOCOL, NO_SNAPSHOT, BACKING_LOOP, IN_USE, INVALID_OPTION, UNUSABLE -> "";
        };
    }

    private static String text(NetworkException e) {
        return switch (e.kind()) {
            case NO_TAP -> "-netdev tap: " + e.reason() + "; " + tapRemedy(e);
            case TAP_WITH_COUNTED_TIME -> "-netdev tap: with -icount frames come at counts of instructions, those of a"
                    + " tap at any time; use -netdev user";
            case CANNOT_LISTEN -> "-netdev socket: " + e.getMessage() + "; choose another address or port";
            case CANNOT_CONNECT -> "-netdev socket: " + e.getMessage() + "; start the side with listen= first";
            case CANNOT_CAPTURE -> "-object filter-dump,id=" + e.subject() + ": " + e.getMessage()
                    + "; name a file in a folder that you may write to";
        };
    }

    private static String text(InputLogException e) {
        return "-icount rrfile=" + e.path() + ": " + switch (e.kind()) {
            case CANNOT_OPEN -> e.detail();
            case NO_LOG -> "not a log of inputs; rr=record makes one";
            case DAMAGED -> "line " + e.detail() + " is no input, or comes too early";
            case OTHER_MACHINE -> "recorded on a machine with " + e.detail()
                    + "; replay with the same options and files";
        };
    }

    private static String tapRemedy(NetworkException e) {
        String name = e.subject();
        return switch (((LinuxException) e.getCause()).errno()) {
            case ENOENT, ENODEV, ENXIO -> "this kernel has no tap interfaces yet: `modprobe tun` as root";
            case EBUSY -> "another program has it: end that, or name another interface with ifname=";
            case EINVAL -> name + " is no tap interface: name one that is, or one that is not there yet, with ifname=";
            default -> "make the interface with `ip tuntap add dev " + (name.isEmpty() ? "NAME" : name)
                    + " mode tap user USER` as root" + (name.isEmpty() ? ", and name it with ifname=NAME" : "");
        };
    }

    private static String remedy(ForwardException e) {
        if (e.reason().startsWith("Cannot assign")) {
            return "name an address of this host, or none for all of them";
        }
        boolean privileged = e.reason().startsWith("Permission") && e.forward().hostPort() < FIRST_FREE_PORT;
        return privileged ? "choose a port from " + FIRST_FREE_PORT + " on" : "choose another port";
    }
}
