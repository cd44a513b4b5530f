package jkvm.app.options;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * The options of the command line: every one that QEMU 7.2 has for x86-64, one row each. The parser obeys this table,
 * and {@code -help} prints it.
 */
final class OptionTable {
    /** The options' state in jkvm. */
    enum Kind {
        /** Does as in QEMU. */
        HANDLED,
        /** Checked; there is nothing that it could change here. */
        NO_EFFECT,
        /** Checked; asks for something in {@link NotYet}. */
        NOT_YET
    }

    /**
     * One option.
     *
     * @param group    heading in the help
     * @param name     without its dash
     * @param argument the word that follows it, as the help shows it; empty if none does
     * @param help     one line, empty for one that the help lists by its name only
     * @param kind     as it stands
     * @param apply    takes the option's value, or an empty text
     */
    record Option(String group, String name, String argument, String help, Kind kind,
            BiConsumer<ConfigBuilder, String> apply) {
        boolean hasArgument() {
            return !argument.isEmpty();
        }
    }

    private final Map<String, Option> options = new LinkedHashMap<>();
    private String group = "";
    private boolean isWhole;

    OptionTable() {
        addGuest();
        addMachine();
        addConsole();
        addNetwork();
        addProcess();
    }

    /** @param name without its dash */
    Optional<Option> find(String name) {
        if (!options.containsKey(name)) {
            addFurther();
        }
        return Optional.ofNullable(options.get(name));
    }

    /** In the order of the help. */
    List<Option> all() {
        addFurther();
        return new ArrayList<>(options.values());
    }

    /** Adds the options that are checked only, when the first of them is asked for: most machines start without. */
    private void addFurther() {
        if (!isWhole) {
            isWhole = true;
            FurtherOptions.addTo(this);
        }
    }

    private void add(String name, String argument, String help, BiConsumer<ConfigBuilder, String> apply) {
        options.put(name, new Option(group, name, argument, help, Kind.HANDLED, apply));
    }

    /** Adds options that jkvm checks and does not carry out; argument is empty if they have none. */
    void addOther(Kind kind, String argument, BiConsumer<ConfigBuilder, String> apply, String... names) {
        for (String name : names) {
            options.putIfAbsent(name, new Option("", name, argument, "", kind, apply));
        }
    }

    private void addGuest() {
        group = "What to run";
        add("kernel", "FILE", "Linux bzImage, ELF with PVH note, multiboot or plain ELF image",
                (c, v) -> c.kernel = Optional.of(ChardevOptions.path("-kernel " + v, v)));
        add("initrd", "FILE[,FILE]", "initial ramdisk, or multiboot modules",
                (c, v) -> c.initrds = OptionValues.split(v));
        add("append", "TEXT", "the kernel's command line", (c, v) -> c.append = Optional.of(v));
        add("bios", "FILE", "firmware ROM (SeaBIOS: bios-256k.bin) instead of the built-in BIOS; not with -kernel",
                (c, v) -> c.firmware.rom(v));
        add("L", "FOLDER", "looks for firmware and ROMs there first; -L help lists the folders",
                (c, v) -> c.firmware.folder(v));
        add("option-rom", "FILE", "a ROM that firmware runs besides those of cards", (c, v) -> c.firmware.optionRom(v));
        add("boot", "[order=]ORDER[,once=ORDER]",
                "firmware's boot devices: c disk, d CD, n network, a floppy (cad); also menu=, strict=",
                (c, v) -> c.firmware.boot(c, v));
        add("fw_cfg", "NAME,file=F|string=S", "gives firmware and guest a file by name, opt/...",
                (c, v) -> c.firmware.item(v));
        add("drive", "file=F[,format=raw|qcow2]",
                "an IDE disk; also if=virtio|floppy|none,id=,media=cdrom,readonly=,cache=,snapshot=",
                (c, v) -> c.drives.add(v));
        add("hda", "FILE", "an IDE disk, the first; also -hdb, -hdc, -hdd, and a FILE without an option",
                (c, v) -> c.drives.addFile("-hda", v, 0));
        for (int disk = 1; disk < 4; disk++) {
            int index = disk;
            String name = "hd" + (char) ('a' + disk);
            add(name, "FILE", "", (c, v) -> c.drives.addFile("-" + name, v, index));
        }
        add("cdrom", "FILE", "a CD-ROM, the first drive of the second IDE cable", (c, v) -> c.drives.addCdrom(v));
        add("fda", "FILE", "a floppy disk in drive A; also -fdb", (c, v) -> c.drives.addFloppy("-fda", v, 0));
        add("fdb", "FILE", "", (c, v) -> c.drives.addFloppy("-fdb", v, 1));
        add("blockdev", "driver=D,node-name=N[,...]", "a node that a device names with drive=N; file=, filename=",
                (c, v) -> c.nodes.add(v));
        add("snapshot", "", "guests' writes to disks go to temporary files", (c, v) -> c.drives.setSnapshot());
        add("device", "DEVICE[,NAME=VALUE]", "adds a device, or loads a file; -device help lists them",
                (c, v) -> c.devices.add(v));
    }

    private void addMachine() {
        group = "The machine";
        add("machine", "pc|microvm[,accel=A[:A]]", "kind of machine (pc); also -M",
                (c, v) -> MachineOptions.machine(c, "-machine", v));
        add("M", "TYPE", "", (c, v) -> MachineOptions.machine(c, "-M", v));
        add("accel", "kvm|soft",
                "accelerator: /dev/kvm or the KVM in Java (also tcg); repeat it for a second choice",
                (c, v) -> c.accelerators.add(v));
        add("enable-kvm", "", "the same as -machine accel=kvm", (c, v) -> c.accelerators.enableKvm());
        add("m", "SIZE", "guest memory in MiB, or with K, M, G, T (128)", MachineOptions::memory);
        add("mem-path", "PATH", "guest memory is a file, or one without a name in a folder",
                (c, v) -> c.memory.path(v));
        add("mem-prealloc", "", "takes all of the guest's memory before the guest starts",
                (c, v) -> c.memory.preallocated = true);
        add("overcommit", "mem-lock=on|off", "keeps the guest's memory from being swapped out",
                (c, v) -> c.memory.overcommit(c, v));
        add("smp", "N", "number of CPUs (1); also cpus=,sockets=,cores=,threads=", MachineOptions::cpus);
        add("cpu", "MODEL[,+F][,-F]", "kind of CPU (host), with features F added or left out; -cpu help lists them",
                MachineOptions::cpu);
        add("rtc", "base=utc|localtime|DATE", "start of the real-time clock (utc); clock=host|rt|vm: what it follows",
                MachineOptions::rtc);
        add("icount", "[shift=]N[,sleep=off]",
                "counts time in instructions of 2^N ns: each run does the same; rr=, rrfile=: record it",
                CountingOptions::icount);
        add("seed", "N", "seed of the guest's random numbers", CountingOptions::seed);
        add("uuid", "UUID", "the system's UUID", (c, v) -> c.uuid = Optional.of(uuid("-uuid " + v, v)));
        add("smbios", "type=N[,NAME=VALUE]", "what the SMBIOS tables say; also file=F, a whole structure",
                (c, v) -> c.smbios.add(c, v));
        add("name", "TEXT", "the guest's name", MachineOptions::name);
        add("global", "TYPE.NAME=VALUE", "a default for all devices of a type", (c, v) -> c.globals.add(v));
        add("set", "GROUP.ID.NAME=VALUE", "adds a property to an option that has an id", (c, v) -> { });
        add("readconfig", "FILE", "reads options from a file", (c, v) -> { });
        add("nodefaults", "", "no default devices", (c, v) -> c.nodefaults = true);
        add("no-user-config", "", "accepted; there is no such configuration", (c, v) -> { });
        add("no-acpi", "", "the same as -machine acpi=off: no tables, no power button", (c, v) -> c.acpi = false);
        add("no-hpet", "", "the same as -machine hpet=off, which is the default", (c, v) -> c.hpet = false);
        add("action", "EVENT=ACTION", "reboot=reset|shutdown, shutdown=poweroff|pause",
                MachineOptions::action);
    }

    private void addConsole() {
        group = "Terminal and serial ports";
        add("nographic", "", "first serial port on this terminal; Ctrl-A h helps, c: monitor, x: end (default)",
                (c, v) -> c.nographic = true);
        add("display", "none|curses|web|window", "where the screen is; web=PORT: a page on this host; gtk, sdl: window",
                DisplayOptions::display);
        add("vnc", "[HOST]:N[,...]", "a VNC server at port 5900 + N, also unix:PATH; websocket=on, password=on; none",
                DisplayOptions::vnc);
        add("k", "LAYOUT", "layout of the guest's keyboard, for VNC: en-us, en-gb, de, fr", (c, v) -> c.vncs.layout(v));
        add("serial", "DEV", "next serial port: [mon:]stdio, null, none, file:F, unix:F, tcp::P,server=on, pty",
                (c, v) -> c.serialTexts.add(v));
        add("chardev", "KIND,id=ID[,mux=on]", "a character device; -chardev help lists the kinds",
                (c, v) -> c.chardevs.declare(v));
        add("debugcon", "DEV", "debug console at port 0xe9", (c, v) -> c.debugconTexts.add(v));
        add("monitor", "DEV", "a monitor for people there: stdio, unix:F,server=on,wait=off, pty, chardev:ID; none",
                (c, v) -> {
                    c.monitorChosen = true;
                    c.monitors.addReadline(v);
                });
        add("parallel", "none", "accepted; there is no parallel port", (c, v) -> {
            if (!List.of("none", "null").contains(v)) {
                c.notYet("-parallel " + v, NotYet.PARALLEL);
            }
        });
        add("vga", "none|std", "the display adapter", DisplayOptions::vga);
    }

    private void addNetwork() {
        group = "Network";
        add("nic", "user[,model=virtio][,mac=M]", "a network card on the user network, with -netdev's properties; none",
                (c, v) -> c.networks.addNic(v));
        add("netdev", "KIND,id=ID[,...]", "a user, tap or socket network; -netdev help tells their properties",
                (c, v) -> c.networks.addNetdev(v));
        add("object", "TYPE,id=ID[,...]", "memory, random numbers, a thread or a capture; -object help lists the types",
                (c, v) -> c.objects.add(v));
        add("net", "nic|user|tap|socket|none[,...]", "a card and a network in two options; -nic does it in one",
                (c, v) -> c.networks.addNet(v));
    }

    private void addProcess() {
        group = "The process";
        add("gdb", "DEV", "serve gdb there: tcp::PORT, unix:F,server=on,wait=off or another chardev",
                (c, v) -> c.debuggerText = v);
        add("qmp", "DEV", "serve QMP there: unix:F,server=on,wait=off, stdio or another chardev; also -qmp-pretty",
                (c, v) -> c.monitors.addControl("-qmp", v, false));
        add("qmp-pretty", "DEV", "", (c, v) -> c.monitors.addControl("-qmp-pretty", v, true));
        add("mon", "[chardev=]ID[,mode=control]", "a monitor, or QMP, on a -chardev; pretty=on indents QMP",
                (c, v) -> c.monitors.add(v));
        add("s", "", "the same as -gdb tcp::1234", (c, _) -> DebuggerOption.atDefaultPort(c));
        add("loadvm", "TAG", "begin with the machine that savevm has kept in its disks",
                (c, v) -> c.snapshot = Optional.of(v));
        add("incoming", "URI", "wait for another machine's state: tcp:HOST:PORT, unix:F, fd:N, exec:CMD, file:F, defer",
                (c, v) -> c.incoming = Optional.of(v));
        add("S", "", "start paused, for a monitor or debugger to resume", (c, _) -> c.startsPaused = true);
        add("no-reboot", "", "end when the guest resets", (c, v) -> c.noReboot = true);
        add("no-shutdown", "", "stay when the guest powers off", (c, v) -> c.noShutdown = true);
        add("daemonize", "", "go on in the background once the machine is ready", (c, _) -> c.isDaemon = true);
        add("pidfile", "FILE", "write the process id to a file",
                (c, v) -> c.pidFile = Optional.of(ChardevOptions.path("-pidfile " + v, v)));
        add("trace", "PATTERN|exits|step|jfr=F|report=F",
                "tell events, exits, steps, record for JFR, make a page; events=, file=, json=",
                (c, v) -> c.logs.trace(v));
        add("d", "ITEM[,...]", "logs guest_errors, int, cpu_reset and others; -d help lists them",
                (c, v) -> c.logs.items(v));
        add("D", "FILE", "where -d and -trace write (standard error)", (c, v) -> c.logs.file(v));
        add("msg", "[timestamp=on][,guest-name=on]", "what begins each message", (c, v) -> c.logs.messages(v));
        add("version", "", "print the version and end", (c, v) -> { });
        add("help", "", "print this and end; also -h", (c, v) -> { });
        add("h", "", "", (c, v) -> { });
    }

    /** @param where the option, for messages */
    static UUID uuid(String where, String value) {
        // UUID.fromString takes shortened groups, QEMU does not.
        if (!value.matches("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}")) {
            throw new UsageException(where + ": Invalid UUID: write it as 8-4-4-4-12 hexadecimal digits");
        }
        return UUID.fromString(value);
    }
}
