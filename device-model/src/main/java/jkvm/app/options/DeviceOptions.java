package jkvm.app.options;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import jkvm.bus.ConfigurationException;
import jkvm.host.chardev.ChardevSpec;
import jkvm.machine.BootConfig;
import jkvm.machine.DeviceConfig;
import jkvm.machine.MachineConfig;

/** Reads {@code -device}. Chardevs are looked up at the end, as {@code -chardev} may follow its user. */
final class DeviceOptions {
    static final int DEBUGCON_PORT = 0xe9;
    private static final String DEVICES = """
            isa-debug-exit[,iobase=PORT][,iosize=N]       a write of V ends jkvm with exit code V*2+1 (0x501, 2)
            isa-debugcon,chardev=ID[,iobase=PORT]         debug console (0xe9)
            isa-serial,chardev=ID[,index=N]               the next free serial port, or COM N+1
            loader,file=F,addr=A[,cpu-num=0]              loads a flat image; with cpu-num=0 the first CPU starts in it
            pc-testdev                                    ports and memory for tests of the hypervisor
            """ + ExpansionOptions.HELP;
    private static final int MAX_PORT = 0xffff;

    private record Serial(String where, int index, String chardev) {
    }

    private record Console(String where, int port, int readback, String chardev) {
    }

    private final List<BootConfig.Loader> loaders = new ArrayList<>();
    private final List<MachineConfig.DebugExit> debugExits = new ArrayList<>();
    private final List<Serial> serials = new ArrayList<>();
    private final List<Console> consoles = new ArrayList<>();
    private final ExpansionOptions expansion;
    private boolean testDevice;

    /** @param networks what {@code netdev=} names */
    DeviceOptions(NicOptions networks) {
        expansion = new ExpansionOptions(networks);
    }

    /** What {@code -device help}, or {@code -device NAME,help} for one of them, prints; empty for any other value. */
    static Optional<String> information(String text) {
        if (QemuOptions.asksForList(text)) {
            return Optional.of(DEVICES + ExpansionOptions.COMMON_HELP);
        }
        int comma = text.indexOf(',');
        if (comma < 0 || !QemuOptions.asksForList(text.substring(comma + 1))) {
            return Optional.empty();
        }
        String driver = text.substring(0, comma);
        return DEVICES.lines().filter(line -> line.split("[\\[, ]")[0].equals(driver)).findFirst();
    }

    /** The devices' names, for suggestions. */
    private static List<String> known() {
        return DEVICES.lines().map(line -> line.split("[\\[, ]")[0]).toList();
    }

    void add(String text) {
        OptionValues values = new OptionValues("-device", text, "driver");
        String driver = values.require("driver");
        values.take("id");
        switch (driver) {
            case "isa-debug-exit" -> addDebugExit(values);
            case "isa-debugcon" -> addConsole(values);
            case "isa-serial" -> addSerial(values);
            case "loader" -> addLoader(values);
            case "pc-testdev" -> testDevice = true;
            default -> {
                if (!expansion.add(driver, values)) {
                    throw values.error("jkvm has no device " + driver + Suggestion.of(driver, known())
                            + " (jkvm -device help lists them)");
                }
            }
        }
        values.end();
    }

    private void addDebugExit(OptionValues values) {
        int port = values.takeNumber("iobase", 0, MAX_PORT).orElse(0x501L).intValue();
        int size = values.takeNumber("iosize", 1, 8).orElse(2L).intValue();
        if (port + size - 1 > MAX_PORT) {
            throw values.error("its ports end past 0xffff");
        }
        debugExits.add(new MachineConfig.DebugExit(port, size));
    }

    private void addConsole(OptionValues values) {
        int port = values.takeNumber("iobase", 0, MAX_PORT).orElse((long) DEBUGCON_PORT).intValue();
        int readback = values.takeNumber("readback", 0, 0xff).orElse((long) DEBUGCON_PORT).intValue();
        consoles.add(new Console(values.where(), port, readback, values.require("chardev")));
    }

    private void addSerial(OptionValues values) {
        for (String key : new String[] {"iobase", "irq"}) {
            values.refuse(key, "jkvm has serial ports at COM1 to COM4 only, see index=");
        }
        int index = values.takeNumber("index", 0, MachineConfig.MAX_SERIALS - 1L).orElse(-1L).intValue();
        serials.add(new Serial(values.where(), index, values.require("chardev")));
    }

    private void addLoader(OptionValues values) {
        for (String key : new String[] {"data", "data-len", "data-be"}) {
            values.refuse(key, "jkvm loads files only, file=FILE");
        }
        Optional<Path> file = values.take("file").map(text -> ChardevOptions.path(values.where(), text));
        Optional<Long> address = values.takeNumber("addr", 0, Long.MAX_VALUE);
        Optional<Long> cpu = values.takeNumber("cpu-num", 0, MachineConfig.MAX_CPUS - 1L);
        boolean raw = values.takeFlag("force-raw", false);
        if (file.isEmpty() && (address.isEmpty() || cpu.isEmpty())) {
            throw values.error("give it file=FILE, or addr= and cpu-num=");
        }
        if (raw && address.isEmpty()) {
            throw values.error("force-raw=on needs addr=");
        }
        loaders.add(new BootConfig.Loader(file, address.map(OptionalLong::of).orElse(OptionalLong.empty()),
                cpu.map(Long::intValue).map(OptionalInt::of).orElse(OptionalInt.empty()), raw));
    }

    List<BootConfig.Loader> loaders() {
        return loaders;
    }

    List<MachineConfig.DebugExit> debugExits() {
        return debugExits;
    }

    /** Devices on expansion buses, in order. */
    List<DeviceConfig> expansion(ChardevOptions chardevs, DriveOptions drives) {
        return expansion.devices(chardevs, drives);
    }

    boolean hasTestDevice() {
        return testDevice;
    }

    boolean hasSerials() {
        return !serials.isEmpty();
    }

    void addSerials(List<ChardevSpec> ports, ChardevOptions chardevs) {
        for (Serial serial : serials) {
            int index = serial.index() >= 0 ? serial.index() : ports.size();
            while (ports.size() <= index) {
                ports.add(new ChardevSpec("serial" + ports.size(), new ChardevSpec.None(), false));
            }
            if (!ports.get(index).isNone()) {
                throw new ConfigurationException(serial.where() + ": serial port " + index + " is in use");
            }
            ports.set(index, chardevs.use(serial.where(), serial.chardev(), "serial" + index));
        }
    }

    void addDebugConsoles(List<MachineConfig.DebugConsole> all, ChardevOptions chardevs) {
        for (Console console : consoles) {
            ChardevSpec spec = chardevs.use(console.where(), console.chardev(), "isa-debugcon");
            all.add(new MachineConfig.DebugConsole(console.port(), console.readback(), spec));
        }
    }
}
