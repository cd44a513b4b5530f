package jkvm.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The memory of jkvm when Linux in it is at its prompt: proportional set size, without what the guest has touched. */
final class MemoryRun {
    /** The first line of a mapping in smaps: its addresses. */
    private static final Pattern MAPPING = Pattern.compile("([0-9a-f]+)-([0-9a-f]+) .*");
    private static final Pattern PSS = Pattern.compile("Pss:\\s+(\\d+) kB");
    private static final double KIB_PER_MIB = 1024;
    private final LinuxGuest guest;
    private final HelloProgram hello;
    private final int rounds;

    MemoryRun(LinuxGuest guest, HelloProgram hello, int rounds) {
        this.guest = guest;
        this.hello = hello;
        this.rounds = rounds;
    }

    List<PairedComparison> measure() throws IOException {
        double[] own = new double[rounds];
        double[] bare = new double[rounds];
        double[] touched = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            try (WatchedProcess process = guest.start(Hypervisor.COMPILED, LinuxGuest.SHELL)) {
                process.await(LinuxGuest.PROMPT);
                Memory memory = Memory.of(process.pid(), LinuxGuest.MEMORY_MIB * 1024L);
                own[i] = memory.ownKib() / KIB_PER_MIB;
                touched[i] = memory.guestKib() / KIB_PER_MIB;
            }
            try (WatchedProcess process = hello.startWaiting()) {
                process.await(HelloProgram.WORD);
                bare[i] = Memory.of(process.pid(), Long.MAX_VALUE).ownKib() / KIB_PER_MIB;
            }
        }
        return List.of(new PairedComparison("memory at Linux's prompt, beside hello", "MiB", own, bare,
                "<= %.0f (hello + 128)".formatted(Medians.median(bare) + 128)),
                new PairedComparison("    guest RAM touched, not counted", "MiB", touched, new double[0], ""));
    }

    /**
     * Proportional set sizes of a process.
     *
     * @param ownKib   without the guest's memory
     * @param guestKib the guest's memory
     */
    record Memory(long ownKib, long guestKib) {
        /** @param guestSize of the guest's memory in KiB: the fullest mapping of at least this size is it */
        static Memory of(long process, long guestSize) throws IOException {
            return parse(Files.readAllLines(Path.of("/proc", Long.toString(process), "smaps")), guestSize);
        }

        /** @param guestName of the mappings that are guests' memory, all of them */
        static Memory parse(List<String> smaps, String guestName) {
            long all = 0;
            long guests = 0;
            boolean isGuest = false;
            for (String line : smaps) {
                isGuest = MAPPING.matcher(line).matches() ? line.contains(guestName) : isGuest;
                Matcher pss = PSS.matcher(line);
                if (pss.matches()) {
                    long kib = Long.parseLong(pss.group(1));
                    all += kib;
                    guests += isGuest ? kib : 0;
                }
            }
            return new Memory(all - guests, guests);
        }

        static Memory parse(List<String> smaps, long guestSize) {
            long all = 0;
            long guest = 0;
            boolean isLarge = false;
            for (String line : smaps) {
                Matcher mapping = MAPPING.matcher(line);
                if (mapping.matches()) {
                    long bytes = Long.parseUnsignedLong(mapping.group(2), 16)
                            - Long.parseUnsignedLong(mapping.group(1), 16);
                    isLarge = bytes / 1024 >= guestSize;
                }
                Matcher pss = PSS.matcher(line);
                if (pss.matches()) {
                    long kib = Long.parseLong(pss.group(1));
                    all += kib;
                    guest = isLarge ? Math.max(guest, kib) : guest;
                }
            }
            return new Memory(all - guest, guest);
        }
    }
}
