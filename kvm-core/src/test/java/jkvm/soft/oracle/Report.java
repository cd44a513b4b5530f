package jkvm.soft.oracle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** A difference as people read it. */
final class Report {
    private static final String[] NAMES = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10",
            "r11", "r12", "r13", "r14", "r15"};

    private Report() {
    }

    static String of(Snippet snippet, List<String> differences, State silicon, State soft) {
        StringBuilder text = new StringBuilder();
        text.append("seed %d, %s, at %x%s%s\n".formatted(snippet.seed, snippet.mode, snippet.in.rip,
                snippet.step ? ", single step" : "", snippet.repeat ? ", repeated" : ""));
        text.append("  ").append(disassembly(snippet)).append('\n').append("  in: ");
        for (int i = 0; i < 16; i++) {
            if (snippet.in.r[i] != 0) {
                text.append(NAMES[i]).append('=').append(Long.toHexString(snippet.in.r[i])).append(' ');
            }
        }
        text.append("flags=").append(Long.toHexString(snippet.in.flags));
        if (snippet.mode == Snippet.Mode.SEGMENTED16 || snippet.mode == Snippet.Mode.SEGMENTED32) {
            text.append(" ds=%x es=%x ss=%x".formatted(snippet.in.ds, snippet.in.es, snippet.in.ss));
        }
        if (snippet.opcode.group() == Opcode.Group.X87 || snippet.opcode.group() == Opcode.Group.MMX_SSE) {
            text.append(vectors(snippet.in));
        }
        text.append("\n  ended by vector ").append(silicon.vector).append(", soft ").append(soft.vector).append('\n');
        for (String difference : differences) {
            text.append("  ").append(difference).append('\n');
        }
        if (!soft.note.isEmpty()) {
            text.append("  soft: ").append(soft.note).append('\n');
        }
        return text.toString();
    }

    private static String vectors(State in) {
        StringBuilder text = new StringBuilder("\n     ");
        text.append("fcw=").append(hex(in.fx, State.FCW, 2)).append(" fsw=").append(hex(in.fx, State.FSW, 2))
                .append(" ftw=").append(hex(in.fx, State.FTW, 1)).append(" mxcsr=").append(hex(in.fx, State.MXCSR, 4));
        for (int i = 0; i < 24; i++) {
            String value = hex(in.fx, State.ST + 16 * i, i < 8 ? 10 : 16);
            if (!value.matches("0*")) {
                text.append(i < 8 ? " st" + i : " xmm" + (i - 8)).append('=').append(value);
            }
        }
        return text.toString();
    }

    private static String hex(byte[] bytes, int from, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = from + length - 1; i >= from; i--) {
            text.append("%02x".formatted(bytes[i]));
        }
        return text.toString();
    }

    /** By objdump where it is installed, else the bytes alone. */
    static String disassembly(Snippet snippet) {
        String bytes = HexFormat.of().formatHex(snippet.code, 0, snippet.size);
        try {
            Path file = Files.createTempFile("jkvm-snippet", ".bin");
            try {
                Files.write(file, Arrays.copyOf(snippet.code, snippet.size));
                String machine = switch (snippet.mode.bits) {
                    case 64 -> "i386:x86-64";
                    case 32 -> "i386";
                    default -> "i8086";
                };
                Process process = new ProcessBuilder("objdump", "-D", "-b", "binary", "-m", machine, "-M", "intel",
                        "--adjust-vma=0x%x".formatted(snippet.in.rip), file.toString())
                        .redirectErrorStream(true).start();
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                int at = output.indexOf("<.data>:");
                return at < 0 ? bytes : bytes + "  " + output.substring(at + 8).strip().replaceAll("\\s+", " ");
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            return bytes;
        }
    }
}
