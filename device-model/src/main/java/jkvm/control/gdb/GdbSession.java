package jkvm.control.gdb;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import jkvm.control.hmp.HumanMonitor;
import jkvm.linux.LinuxException;
import jkvm.machine.DebugMemory;
import jkvm.machine.MachineDebug;
import jkvm.vm.Vcpu;

/**
 * One debugger's commands, from its connection to its end: answers packets while the guest is paused, and lets it run
 * (gdb manual, E.2 to E.6). For one thread.
 */
final class GdbSession {
    static final String OK = "OK";
    /** An argument that makes no sense. */
    static final String BAD_ARGUMENT = "E22";
    /** An address without memory. */
    static final String BAD_ADDRESS = "E14";
    /** The answer to an unknown packet. */
    private static final String UNKNOWN = "";
    private static final String FEATURES = "qXfer:features:read:";

    /** The effect of a packet on the guest. */
    enum Then { STAY, RUN, STEP_BACK, RUN_BACK, DETACH, END }

    private final MachineDebug debug;
    private final TargetDescription description;
    private final Breakpoints breakpoints;
    private final HumanMonitor monitor;
    private int thread;
    private int resumedThread;
    private boolean physicalMemory;
    private boolean knowsRegisters;
    private boolean wantsQuiet;
    private Then then = Then.STAY;

    GdbSession(HumanMonitor monitor, MachineDebug debug, Breakpoints breakpoints, TargetDescription description) {
        this.debug = debug;
        this.breakpoints = breakpoints;
        this.description = description;
        this.monitor = monitor;
    }

    /** The effect of the last packet on the guest. */
    Then then() {
        return then;
    }

    /** A new debugger: what an earlier one has set is gone. */
    void begin() {
        thread = 0;
        resumedThread = 0;
        physicalMemory = false;
        knowsRegisters = false;
        wantsQuiet = false;
    }

    /** The debugger wants no signs of receipt from now on. */
    boolean wantsQuiet() {
        return wantsQuiet;
    }

    /** The vCPU that has stopped becomes the one that commands without a thread mean. */
    void stoppedAt(int vcpu) {
        thread = vcpu;
    }

    /**
     * Answers a packet.
     *
     * @return null for no answer now
     */
    String answer(byte[] data) {
        then = Then.STAY;
        String text = new String(data, StandardCharsets.ISO_8859_1);
        if (text.isEmpty()) {
            return UNKNOWN;
        }
        try {
            return command(text, data);
        } catch (IllegalArgumentException | IndexOutOfBoundsException _) {
            return BAD_ARGUMENT;
        } catch (LinuxException _) {
            return BAD_ADDRESS;
        }
    }

    private String command(String text, byte[] data) {
        String rest = text.substring(1);
        return switch (text.charAt(0)) {
            case '?' -> stopReply(5);
            case 'g' -> readAll();
            case 'G' -> writeAll(rest);
            case 'p' -> readOne(rest);
            case 'P' -> writeOne(rest);
            case 'm' -> readMemory(rest);
            case 'M' -> writeMemory(rest);
            case 'X' -> writeBinary(text, data);
            case 'c' -> resumeAt(rest, false);
            case 'C' -> resumeAt(afterSignal(rest), false);
            case 's' -> resumeAt(rest, true);
            case 'S' -> resumeAt(afterSignal(rest), true);
            case 'b' -> back(text);
            case 'H' -> chooseThread(rest);
            case 'T' -> isThread(PacketText.number(rest)) ? OK : BAD_ARGUMENT;
            case 'Z' -> breakpoint(rest, true);
            case 'z' -> breakpoint(rest, false);
            case 'D' -> detach();
            case 'k' -> kill();
            case 'v' -> verbose(text);
            case 'q', 'Q' -> query(text);
            default -> UNKNOWN;
        };
    }

    /** The reply that tells a stop of the current thread. */
    String stopReply(int signal) {
        return "T%02xthread:%02x;".formatted(signal, thread + 1);
    }

    private Vcpu vcpu() {
        return debug.vcpus().get(thread);
    }

    private boolean isThread(long number) {
        return number >= 1 && number <= debug.vcpus().size();
    }

    private String readAll() {
        RegisterFile file = new RegisterFile(vcpu(), description);
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < file.count(); i++) {
            all.append(file.read(i));
        }
        return all.toString();
    }

    private String writeAll(String text) {
        RegisterFile file = new RegisterFile(vcpu(), description);
        int at = 0;
        for (int i = 0; i < file.count() && at < text.length(); i++) {
            int end = at + 2 * description.registers().get(i).bytes();
            if (end > text.length() || !file.write(i, text.substring(at, end))) {
                return BAD_ARGUMENT;
            }
            at = end;
        }
        file.store();
        return OK;
    }

    private String readOne(String text) {
        int number = PacketText.register(text, description.registers().size());
        return knowsRegisters ? new RegisterFile(vcpu(), description).read(number) : UNKNOWN;
    }

    private String writeOne(String text) {
        int equals = text.indexOf('=');
        int number = PacketText.register(text.substring(0, equals), description.registers().size());
        RegisterFile file = new RegisterFile(vcpu(), description);
        if (!file.write(number, text.substring(equals + 1))) {
            return BAD_ARGUMENT;
        }
        file.store();
        return OK;
    }

    private DebugMemory memory() {
        return new DebugMemory(debug.memory(), physicalMemory ? null : vcpu());
    }

    private String readMemory(String text) {
        PacketText.Range range = PacketText.range(text, PacketReader.MAX_SIZE / 2);
        byte[] bytes = memory().read(range.address(), range.length());
        return bytes == null ? BAD_ADDRESS : HexFormat.of().formatHex(bytes);
    }

    private String writeMemory(String text) {
        int colon = text.indexOf(':');
        PacketText.Range range = PacketText.range(text.substring(0, colon), PacketReader.MAX_SIZE / 2);
        byte[] bytes = HexFormat.of().parseHex(text.substring(colon + 1));
        return write(range, bytes);
    }

    private String writeBinary(String text, byte[] data) {
        int colon = text.indexOf(':');
        PacketText.Range range = PacketText.range(text.substring(1, colon), PacketReader.MAX_SIZE);
        byte[] bytes = Arrays.copyOfRange(data, colon + 1, data.length);
        return write(range, bytes);
    }

    private String write(PacketText.Range range, byte[] bytes) {
        if (bytes.length != range.length()) {
            return BAD_ARGUMENT;
        }
        return memory().write(range.address(), bytes) ? OK : BAD_ADDRESS;
    }

    /** Executes backwards (gdb manual, E.2). */
    private String back(String text) {
        if (debug.history().isEmpty() || !text.equals("bs") && !text.equals("bc")) {
            return UNKNOWN;
        }
        then = text.equals("bs") ? Then.STEP_BACK : Then.RUN_BACK;
        return null;
    }

    private static String afterSignal(String text) {
        int semicolon = text.indexOf(';');
        PacketText.number(semicolon < 0 ? text : text.substring(0, semicolon));
        return semicolon < 0 ? "" : text.substring(semicolon + 1);
    }

    /** @param address where to continue; empty for where it is */
    private String resumeAt(String address, boolean step) {
        if (!address.isEmpty()) {
            RegisterFile file = new RegisterFile(vcpu(), description);
            int counter = 0;
            while (!description.registers().get(counter).type().equals("code_ptr")) {
                counter++;
            }
            int bytes = description.registers().get(counter).bytes();
            file.write(counter, PacketText.littleEndian(PacketText.number(address), bytes));
            file.store();
        }
        return resume(step ? debug.vcpus().get(resumedThread) : null);
    }

    private String resume(Vcpu stepping) {
        if (stepping == null) {
            debug.runAll();
        } else {
            debug.runOnly(stepping);
        }
        breakpoints.arm(stepping);
        then = Then.RUN;
        return null;
    }

    private String chooseThread(String text) {
        long number = text.endsWith("-1") ? 0 : PacketText.number(text.substring(1));
        if (number != 0 && !isThread(number)) {
            return BAD_ARGUMENT;
        }
        int chosen = number == 0 ? thread : (int) number - 1;
        if (text.startsWith("c")) {
            resumedThread = chosen;
        } else if (text.startsWith("g")) {
            thread = chosen;
        } else {
            return BAD_ARGUMENT;
        }
        return OK;
    }

    private String breakpoint(String text, boolean insert) {
        Breakpoint.Kind[] kinds = Breakpoint.Kind.values();
        int number = text.charAt(0) - '0';
        if (number < 0 || number >= kinds.length) {
            return UNKNOWN;
        }
        int condition = text.indexOf(';');
        PacketText.Range range = PacketText.range(text.substring(2, condition < 0 ? text.length() : condition),
                Long.BYTES);
        Breakpoint breakpoint = new Breakpoint(kinds[number], range.address(), range.length());
        if (!insert) {
            breakpoints.remove(breakpoint);
            return OK;
        }
        return breakpoints.add(breakpoint) ? OK : BAD_ARGUMENT;
    }

    private String detach() {
        then = Then.DETACH;
        return OK;
    }

    private String kill() {
        then = Then.END;
        return null;
    }

    private String verbose(String text) {
        if (text.equals("vCont?")) {
            return "vCont;c;C;s;S";
        }
        if (text.startsWith("vKill;")) {
            then = Then.END;
            return OK;
        }
        return text.startsWith("vCont;") ? vCont(text.substring(6)) : UNKNOWN;
    }

    /** The first action that steps a thread decides; other threads stand meanwhile. */
    private String vCont(String text) {
        for (String action : text.split(";", -1)) {
            int colon = action.indexOf(':');
            String kind = colon < 0 ? action : action.substring(0, colon);
            if (kind.isEmpty() || "cCsS".indexOf(kind.charAt(0)) < 0) {
                return BAD_ARGUMENT;
            }
            String id = colon < 0 ? "-1" : action.substring(colon + 1);
            long number = id.equals("-1") || id.equals("0") ? thread + 1L : PacketText.number(id);
            if (!isThread(number)) {
                return BAD_ARGUMENT;
            }
            if (kind.charAt(0) == 's' || kind.charAt(0) == 'S') {
                return resume(debug.vcpus().get((int) number - 1));
            }
        }
        return resume(null);
    }

    private String query(String text) {
        if (text.startsWith("qSupported")) {
            return "PacketSize=%x;qXfer:features:read+;vContSupported+;QStartNoAckMode+"
                    .formatted(PacketReader.MAX_SIZE)
                    + (debug.history().isPresent() ? ";ReverseStep+;ReverseContinue+" : "");
        }
        if (text.startsWith(FEATURES + "target.xml:")) {
            knowsRegisters = true;
            return PacketText.part(description.xml(), text.substring(FEATURES.length() + "target.xml:".length()));
        }
        if (text.startsWith(FEATURES)) {
            return "E00";
        }
        if (text.startsWith("qRcmd,")) {
            return monitor(new String(HexFormat.of().parseHex(text.substring(6)), StandardCharsets.UTF_8));
        }
        if (text.startsWith("qThreadExtraInfo,")) {
            long number = PacketText.number(text.substring(17));
            return isThread(number) ? PacketText.hex("CPU " + (number - 1)) : BAD_ARGUMENT;
        }
        return switch (text) {
            case "qAttached" -> "1";
            case "qC" -> "QC%02x".formatted(thread + 1);
            case "qfThreadInfo" -> threads();
            case "qsThreadInfo" -> "l";
            case "QStartNoAckMode" -> {
                wantsQuiet = true;
                yield OK;
            }
            case "qqemu.PhyMemMode" -> physicalMemory ? "1" : "0";
            case "Qqemu.PhyMemMode:0", "Qqemu.PhyMemMode:1" -> {
                physicalMemory = text.endsWith("1");
                yield OK;
            }
            default -> UNKNOWN;
        };
    }

    private String threads() {
        List<String> numbers = debug.vcpus().stream().map(vcpu -> "%02x".formatted(vcpu.id() + 1)).toList();
        return "m" + String.join(",", numbers);
    }

    private String monitor(String line) {
        monitor.selectCpu(thread);
        String word = line.strip();
        // The debugger would not know, and go on reading the registers of a vCPU that runs.
        boolean resumes = word.equals("c") || word.equals("cont");
        return PacketText.hex(resumes ? "the debugger's own continue resumes the guest\n" : monitor.execute(word));
    }
}
