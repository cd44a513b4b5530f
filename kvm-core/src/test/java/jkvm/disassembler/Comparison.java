package jkvm.disassembler;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Compares {@link Disassembler} with objdump line by line: length and text of each instruction at the places where
 * objdump sees one. Differences that have a reason, which {@code differences.txt} tells, are counted by it; lines with
 * AVX, which is not known here, apart from them.
 */
public final class Comparison {
    private static final List<Difference> REASONS = reasons();

    private final Map<String, Integer> explained = new TreeMap<>();
    private final List<String> unexplained = new ArrayList<>();
    private int lines;
    private int unknown;

    private record Difference(Pattern objdump, Pattern ours, String reason) {
    }

    /** Compares all bytes of a file. */
    public Comparison file(Path bytes, CodeMode mode, boolean att, long address) throws IOException {
        byte[] code = Files.readAllBytes(bytes);
        Disassembler disassembler = att ? Disassembler.att() : Disassembler.intel();
        Objdump.forEachLine(bytes, mode, att, address, line -> {
            byte[] window = Arrays.copyOfRange(code, line.offset(), Math.min(code.length, line.offset()
                    + Disassembler.MAX_LENGTH));
            compare(line, disassembler.decode(mode, address + line.offset(), window, 0), window);
        });
        return this;
    }

    private void compare(Objdump.Line line, Instruction ours, byte[] bytes) {
        lines++;
        if (ours.text().equals(line.text()) && ours.length() == line.length()) {
            return;
        }
        boolean isNone = line.text().contains(Instruction.BAD);
        if (ours.mnemonic().startsWith("(avx") && (isNone || ours.length() == line.length())) {
            unknown++;
            return;
        }
        for (Difference difference : REASONS) {
            if (difference.objdump.matcher(line.text()).find() && difference.ours.matcher(ours.text()).find()) {
                explained.merge(difference.reason, 1, Integer::sum);
                return;
            }
        }
        StringBuilder hex = new StringBuilder();
        for (byte b : bytes) {
            hex.append("%02x ".formatted(b));
        }
        unexplained.add("%s| objdump: %s [%d] | here: %s [%d]".formatted(hex, line.text(), line.length(), ours.text(),
                ours.length()));
    }

    /** Lines: objdump's pattern, ours, the reason; separated by tabs. */
    private static List<Difference> reasons() {
        try (BufferedReader text = new BufferedReader(new InputStreamReader(
                Comparison.class.getResourceAsStream("differences.txt"), StandardCharsets.UTF_8))) {
            return text.lines().filter(line -> !line.startsWith("#") && !line.isBlank()).map(line -> line.split("\t+"))
                    .map(column -> new Difference(Pattern.compile(column[0]), Pattern.compile(column[1]), column[2]))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The lines that differ without a reason. */
    public List<String> unexplained() {
        return unexplained;
    }

    /** How many lines were compared. */
    public int lines() {
        return lines;
    }

    /** How many lines are the same, differ with and without a reason, and are not known here. */
    public String summary() {
        int reasons = explained.values().stream().mapToInt(Integer::intValue).sum();
        StringBuilder text = new StringBuilder("%d lines, %d differ without a reason, %d of AVX are not known, "
                .formatted(lines, unexplained.size(), unknown) + "%d differ with one%n".formatted(reasons));
        explained.forEach((reason, count) -> text.append("  %6d %s%n".formatted(count, reason)));
        unexplained.stream().limit(40).forEach(line -> text.append("  ").append(line).append('\n'));
        return text.toString();
    }
}
