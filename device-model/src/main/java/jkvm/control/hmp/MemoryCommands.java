package jkvm.control.hmp;

import static jkvm.control.hmp.Parameter.required;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HexFormat;
import jkvm.abi.KvmSregs;
import jkvm.bus.AddressSpace;
import jkvm.control.hmp.Parameter.Kind;
import jkvm.disassembler.CodeMode;
import jkvm.disassembler.Disassembler;
import jkvm.disassembler.Instruction;
import jkvm.host.HostException;
import jkvm.machine.DebugMemory;

/** Commands that show and save memory, and read and write ports. */
final class MemoryCommands {
    private static final long MAX_DUMP = 1 << 20;
    private static final int BYTES_PER_LINE = 8;
    private static final int PER_LINE = 16;
    private static final long EFER_LMA_BIT = 1 << 10;
    private static final int PORT_MASK = 0xFFFF;
    private static final Parameter FORMAT = required("fmt", Kind.FORMAT);
    private static final Parameter ADDRESS = required("addr", Kind.NUMBER);
    private static final Parameter SIZE = required("size", Kind.NUMBER);
    private static final Parameter FILE = required("filename", Kind.WORD);

    private final MonitorSession session;

    MemoryCommands(MonitorSession session) {
        this.session = session;
    }

    void addTo(CommandTable table) {
        table.add(MonitorCommand.of("x", "/fmt addr", "virtual memory dump starting at 'addr'",
                arguments -> dump(arguments, false), FORMAT, ADDRESS));
        table.add(MonitorCommand.of("xp", "/fmt addr", "physical memory dump starting at 'addr'",
                arguments -> dump(arguments, true), FORMAT, ADDRESS));
        table.add(MonitorCommand.of("memsave", "addr size file",
                "save to disk virtual memory dump starting at 'addr' of size 'size'",
                arguments -> save(arguments, false), ADDRESS, SIZE, FILE));
        table.add(MonitorCommand.of("pmemsave", "addr size file",
                "save to disk physical memory dump starting at 'addr' of size 'size'",
                arguments -> save(arguments, true), ADDRESS, SIZE, FILE));
        table.add(MonitorCommand.of("gva2gpa", "addr",
                "print the guest physical address corresponding to a guest virtual address", this::physical, ADDRESS));
        table.add(MonitorCommand.of("print|p", "/fmt expr", "print expression value (use $reg for CPU register access)",
                MemoryCommands::print, FORMAT, required("val", Kind.NUMBER)));
        table.add(MonitorCommand.of("i", "/fmt addr", "I/O port read", this::readPort, FORMAT, ADDRESS));
        table.add(MonitorCommand.of("o", "/fmt addr value", "I/O port write", this::writePort, FORMAT, ADDRESS,
                required("val", Kind.NUMBER)));
    }

    private DebugMemory memory(boolean isPhysical) {
        return new DebugMemory(session.debug().memory(), isPhysical ? null : session.vcpu());
    }

    private String dump(Arguments arguments, boolean isPhysical) {
        if (session.debug().vcpus().isEmpty()) {
            throw new MonitorException("Can not dump without CPU");
        }
        DumpFormat format = arguments.format();
        long address = arguments.number("addr");
        boolean isCode = format.kind() == 'i';
        long length = (long) format.count() * (isCode ? Disassembler.MAX_LENGTH : format.size());
        if (length > MAX_DUMP) {
            throw new MonitorException("a dump has at most %d bytes; memsave and pmemsave write more to a file"
                    .formatted(MAX_DUMP));
        }
        return session.standing(() -> isCode ? code(memory(isPhysical), format.count(), address)
                : dump(memory(isPhysical), format, address, (int) length));
    }

    private static String dump(DebugMemory memory, DumpFormat format, long address, int length) {
        int size = format.kind() == 'c' ? 1 : format.size();
        int perLine = format.size() == 1 ? BYTES_PER_LINE : PER_LINE;
        StringBuilder text = new StringBuilder();
        for (int done = 0; done < length; done += perLine) {
            text.append("%016x:".formatted(address + done));
            byte[] bytes = memory.read(address + done, Math.min(perLine, length - done));
            if (bytes == null) {
                return text.append(" Cannot access memory\n").toString();
            }
            for (int i = 0; i < bytes.length; i += size) {
                text.append(' ').append(ValueText.item(littleEndian(bytes, i, size), format.kind(), size));
            }
            text.append('\n');
        }
        return text.toString();
    }

    private String code(DebugMemory memory, int count, long start) {
        KvmSregs sregs = session.vcpu().sregs();
        CodeMode mode = CodeMode.of((sregs.efer() & EFER_LMA_BIT) != 0 && sregs.cs().isL(), sregs.cs().isDb());
        StringBuilder text = new StringBuilder();
        long address = start;
        for (int i = 0; i < count; i++) {
            byte[] bytes = readable(memory, address);
            text.append("0x%08x: ".formatted(address));
            if (bytes == null) {
                return text.append("unable to read memory\n").toString();
            }
            Instruction instruction = Disassembler.att().decode(mode, address, bytes, 0);
            String hex = HexFormat.ofDelimiter(" ").formatHex(bytes, 0, instruction.length());
            text.append(" %-24s %s\n".formatted(hex, instruction.text()));
            address += instruction.length();
        }
        return text.toString();
    }

    /** As many bytes as an instruction may have, or those before memory ends; null if there are none. */
    private static byte[] readable(DebugMemory memory, long address) {
        byte[] bytes = null;
        for (int length = Disassembler.MAX_LENGTH; length > 0 && bytes == null; length--) {
            bytes = memory.read(address, length);
        }
        return bytes;
    }

    private static long littleEndian(byte[] bytes, int offset, int size) {
        long value = 0;
        for (int i = size - 1; i >= 0; i--) {
            value = value << Byte.SIZE | bytes[offset + i] & 0xFF;
        }
        return value;
    }

    private String save(Arguments arguments, boolean isPhysical) {
        long address = arguments.number("addr");
        long size = arguments.number("size");
        String name = arguments.word("filename");
        if (size < 0 || size > session.debug().memory().size()) {
            throw invalid(address, size);
        }
        try {
            Path file = Path.of(name);
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw cannotOpen(name, "not a regular file");
            }
            try (OutputStream out = Files.newOutputStream(file)) {
                return session.standing(() -> copy(memory(isPhysical), address, size, out));
            }
        } catch (InvalidPathException e) {
            throw cannotOpen(name, e.getReason());
        } catch (IOException e) {
            throw cannotOpen(name, HostException.reasonOf(e));
        } catch (UncheckedIOException e) {
            throw MonitorException.refused("Could not write to '" + name + "': "
                    + HostException.reasonOf(e.getCause()));
        }
    }

    private static MonitorException cannotOpen(String name, String reason) {
        return MonitorException.refused("Could not open '" + name + "': " + reason);
    }

    private static MonitorException invalid(long address, long size) {
        return MonitorException.refused("Invalid addr 0x%016x/size %d specified".formatted(address, size));
    }

    private static String copy(DebugMemory memory, long address, long size, OutputStream out) {
        try {
            if (!memory.copyTo(out, address, size)) {
                throw invalid(address, size);
            }
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String physical(Arguments arguments) {
        long address = arguments.number("addr");
        long physical = session.standing(() -> memory(false).physical(address, 1));
        return physical == DebugMemory.ABSENT ? "Unmapped\n" : "gpa: 0x%x\n".formatted(physical);
    }

    private static String print(Arguments arguments) {
        char kind = arguments.format().kind();
        return ValueText.plain(arguments.number("val"), kind == 'i' ? 'x' : kind) + "\n";
    }

    private AddressSpace ports() {
        return session.machine().ports();
    }

    /** Ports have one, two or four bytes; other sizes mean one. */
    private static int portSize(Arguments arguments) {
        int size = arguments.format().size();
        return size == Short.BYTES || size == Integer.BYTES ? size : 1;
    }

    private String readPort(Arguments arguments) {
        int port = (int) arguments.number("addr") & PORT_MASK;
        int size = portSize(arguments);
        long value = ports().dispatchRead(port, size) & -1L >>> Long.SIZE - size * Byte.SIZE;
        String letter = size == 1 ? "b" : size == Short.BYTES ? "w" : "l";
        return ("port%s[0x%04x] = 0x%0" + 2 * size + "x\n").formatted(letter, port, value);
    }

    private String writePort(Arguments arguments) {
        ports().dispatchWrite((int) arguments.number("addr") & PORT_MASK, portSize(arguments),
                arguments.number("val"));
        return "";
    }
}
