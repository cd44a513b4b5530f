package jkvm.disassembler;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** The disassembler of GNU binutils, which is what {@link Disassembler} is compared with. */
public final class Objdump {
    /** The version that the text is compared with: others print some instructions otherwise. */
    static final String VERSION = "2.40";

    private Objdump() {
    }

    /**
     * One line of the listing.
     *
     * @param offset of the instruction in the bytes
     */
    record Line(int offset, int length, String text) {
    }

    /** True if this version is there; says why not otherwise. */
    public static boolean isThere() throws IOException {
        try (BufferedReader output = new ProcessBuilder("objdump", "--version").start().inputReader()) {
            String first = String.valueOf(output.readLine());
            boolean isIt = first.endsWith(VERSION);
            if (!isIt) {
                System.out.println("skipped: the text is compared with objdump " + VERSION + ", here is " + first);
            }
            return isIt;
        } catch (IOException e) {
            System.out.println("skipped: no objdump here");
            return false;
        }
    }

    /** Shows each line of the listing of all bytes of a file, as if they lay at an address. */
    static void forEachLine(Path bytes, CodeMode mode, boolean att, long address, Consumer<Line> consumer)
            throws IOException {
        String machine = switch (mode) {
            case BITS_16 -> "i8086";
            case BITS_32 -> "i386";
            case BITS_64 -> "i386:x86-64";
        };
        Process process = new ProcessBuilder("objdump", "-D", "-w", "-b", "binary", "-m", machine, "-M",
                att ? "att" : "intel", "--adjust-vma=0x" + Long.toHexString(address), bytes.toString()).start();
        try (BufferedReader output = process.inputReader()) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                String[] columns = line.split("\t");
                if (columns.length == 3) {
                    String place = columns[0].strip();
                    long at = Long.parseUnsignedLong(place.substring(0, place.length() - 1), 16);
                    consumer.accept(new Line((int) (at - address), (columns[1].strip().length() + 1) / 3,
                            columns[2].strip()));
                }
            }
        }
    }

    /** The bytes of a section of an ELF file, in a file of their own. */
    public static Path section(Path elf, String name, Path folder) throws IOException, InterruptedException {
        Path bytes = folder.resolve(elf.getFileName() + name);
        int status = new ProcessBuilder("objcopy", "-O", "binary", "-j", name, elf.toString(), bytes.toString())
                .inheritIO().start().waitFor();
        if (status != 0 || !Files.isRegularFile(bytes)) {
            throw new IOException("objcopy finds no " + name + " in " + elf);
        }
        return bytes;
    }
}
