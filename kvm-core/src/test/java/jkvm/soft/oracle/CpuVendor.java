package jkvm.soft.oracle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The maker of the host's processor. */
final class CpuVendor {
    private CpuVendor() {
    }

    static boolean isAmd() {
        return name().equals("AuthenticAMD");
    }

    /** True for makers whose choices {@link Vendor} and {@link UndefinedFlags} know from a run on their silicon. */
    static boolean isKnown() {
        return name().equals("GenuineIntel");
    }

    /** CPUID's vendor string; empty if the kernel does not tell. */
    static String name() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream().filter(line -> line.startsWith("vendor_id"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip()).findFirst().orElse("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
