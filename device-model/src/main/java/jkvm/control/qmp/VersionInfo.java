package jkvm.control.qmp;

import jkvm.control.hmp.CommandsVersion;

/**
 * The version that clients see: of the QEMU whose commands these are, since clients judge by it, and jkvm's own.
 *
 * @param text jkvm's
 */
record VersionInfo(long major, long minor, long micro, String text) {
    /** The QEMU that the commands are compared with. */
    static final VersionInfo CURRENT = new VersionInfo(CommandsVersion.MAJOR, CommandsVersion.MINOR,
            CommandsVersion.MICRO, CommandsVersion.PACKAGE);

    private static final Struct<VersionInfo> TRIPLE = Struct.<VersionInfo>named("VersionTriple")
            .with("major", Types.INT, VersionInfo::major).with("minor", Types.INT, VersionInfo::minor)
            .with("micro", Types.INT, VersionInfo::micro);
    static final Struct<VersionInfo> TYPE = Struct.<VersionInfo>named("VersionInfo")
            .with("qemu", TRIPLE, info -> info).with("package", Types.STR, VersionInfo::text);
}
