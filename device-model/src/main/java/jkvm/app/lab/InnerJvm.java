package jkvm.app.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/** The command that runs jkvm once more as this process runs it: same JDK, same modules or class path. */
final class InnerJvm {
    private static final String MAIN_CLASS = "jkvm.app.Main";
    private static final String NATIVE_MODULE = "jkvm.core";
    /** In an emulated machine the optimising compiler and a parallel collector cost more than they give. */
    private static final List<String> FLAGS = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData",
            "-Xlog:disable", "-Xlog:all=error:stderr");

    private InnerJvm() {
    }

    /**
     * @param properties    the system properties
     * @param ownArguments  this process's, for its AOT cache
     * @param jkvmArguments what jkvm gets
     */
    static List<String> command(Properties properties, List<String> ownArguments, List<String> jkvmArguments) {
        List<String> command = new ArrayList<>();
        command.add(properties.getProperty("java.home") + "/bin/java");
        command.addAll(FLAGS);
        ownArguments.stream().filter(argument -> argument.startsWith("-XX:AOTCache=")).findFirst()
                .ifPresent(command::add);
        String module = properties.getProperty("jdk.module.main");
        if (module != null && properties.getProperty("jdk.module.path") != null) {
            command.addAll(List.of("--enable-native-access=" + NATIVE_MODULE,
                    "-p", properties.getProperty("jdk.module.path"), "-m", module + "/" + MAIN_CLASS));
        } else {
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED",
                    "-cp", properties.getProperty("java.class.path"), MAIN_CLASS));
        }
        command.addAll(jkvmArguments);
        return command;
    }

    static List<String> command(List<String> jkvmArguments) {
        List<String> own = ProcessHandle.current().info().arguments().map(Stream::of).orElse(Stream.empty()).toList();
        return command(System.getProperties(), own, jkvmArguments);
    }
}
