package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jkvm.machine.config.DeviceTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Options in a file for {@code -readconfig} mean what they mean on the command line. */
class ConfigFileTest {
    @TempDir
    private Path folder;

    private static CommandLine parse(List<String> words) {
        return QemuOptions.parse(words, DeviceTypes.builtIn());
    }

    /** An option and its properties, those of a group with an id apart: {@code device:n0 driver=e1000,netdev=u}. */
    private static String group(String file) {
        String[] parts = file.split(" ", 2);
        String[] name = parts[0].split(":");
        StringBuilder text = new StringBuilder("[" + name[0] + (name.length > 1 ? " \"" + name[1] + "\"" : "") + "]\n");
        for (String property : parts[1].split(",")) {
            int equals = property.indexOf('=');
            text.append("  ").append(property, 0, equals).append(" = \"").append(property.substring(equals + 1))
                    .append("\"\n");
        }
        return text.append('\n').toString();
    }

    @Test
    void shouldMakeTheSameMachineOfAFileAsOfItsOptions() throws Exception {
        // Each option of the command line, and its group.
        List<String[]> options = List.of(
                new String[] {"-m", "64M", "memory size=64M"},
                new String[] {"-smp", "1,sockets=1", "smp-opts cpus=1,sockets=1"},
                new String[] {"-boot", "order=c,menu=on", "boot-opts order=c,menu=on"},
                new String[] {"-machine", "pc,hpet=on", "machine type=pc,hpet=on"},
                new String[] {"-accel", "soft", "accel accel=soft"},
                new String[] {"-name", "guest=web,process=w", "name guest=web,process=w"},
                new String[] {"-rtc", "base=2020-01-02T03:04:05", "rtc base=2020-01-02T03:04:05"},
                new String[] {"-icount", "shift=3,sleep=off", "icount shift=3,sleep=off"},
                new String[] {"-chardev", "null,id=c0,logfile=log", "chardev:c0 backend=null,logfile=log"},
                new String[] {"-device", "isa-serial,id=s0,chardev=c0", "device:s0 driver=isa-serial,chardev=c0"},
                new String[] {"-drive", "if=none,id=d0,file=a,format=raw", "drive:d0 if=none,file=a,format=raw"},
                new String[] {"-device", "virtio-blk-pci,drive=d0", "device driver=virtio-blk-pci,drive=d0"},
                new String[] {"-netdev", "user,id=u,restrict=on", "netdev:u type=user,restrict=on"},
                new String[] {"-device", "e1000,netdev=u", "device driver=e1000,netdev=u"},
                new String[] {"-nic", "user,model=e1000", "nic type=user,model=e1000"},
                new String[] {"-object", "rng-builtin,id=r", "object:r qom-type=rng-builtin"},
                new String[] {"-global", "e1000.mac=52:54:00:00:00:01",
                    "global driver=e1000,property=mac,value=52:54:00:00:00:01"},
                new String[] {"-fw_cfg", "name=opt/a,string=x", "fw_cfg name=opt/a,string=x"},
                new String[] {"-action", "reboot=shutdown", "action reboot=shutdown"},
                new String[] {"-msg", "timestamp=on", "msg timestamp=on"},
                new String[] {"-trace", "enable=serial_*,file=t", "trace enable=serial_*,file=t"});
        List<String> words = new ArrayList<>(List.of("-nodefaults", "-kernel", "k"));
        StringBuilder text = new StringBuilder("# made by a test\n");
        for (String[] option : options) {
            words.addAll(List.of(option[0], option[1]));
            text.append(group(option[2]));
        }
        Path file = Files.writeString(folder.resolve("options.cfg"), text);

        CommandLine read = parse(List.of("-nodefaults", "-kernel", "k", "-readconfig", file.toString()));

        CommandLine expected = parse(words);
        assertEquals(new CommandLine(expected.machine(), read.types(), expected.pidFile(), expected.log(),
                expected.messages(), expected.debugger(), expected.monitors(), expected.monitorKeys(),
                expected.vncs(), expected.display(), expected.startsPaused(), expected.isDaemon(), expected.snapshot(),
                expected.migration(), read.reader(),
                expected.warnings()), read,
                "but for objects that each command line makes anew");
    }
}
