package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Collectors;
import jkvm.device.board.UnitType;
import jkvm.device.ide.IdeType;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.host.image.DriveSpec;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.EndConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** QEMU's options as a whole: none is unknown, and each says what it is here. */
class OptionTableTest {
    /** The options in the output of QEMU 7.2's -h for x86-64, and those that it does not list. */
    private static final String QEMUS = """
            h help version machine cpu accel smp numa add-fd set global boot m mem-path mem-prealloc k audio-help
            audio audiodev device name uuid fda fdb hda hdb hdc hdd cdrom blockdev drive mtdblock sd snapshot fsdev
            virtfs iscsi usb usbdevice display nographic spice portrait rotate vga full-screen vnc win2k-hack
            no-fd-bootchk no-acpi no-hpet acpitable smbios netdev nic net chardev tpmdev bios pflash kernel append
            initrd dtb compat fw_cfg serial parallel monitor qmp qmp-pretty mon debugcon pidfile singlestep preconfig
            S overcommit gdb s d D dfilter seed L enable-kvm xen-domid xen-attach xen-domid-restrict no-reboot
            no-shutdown action loadvm daemonize option-rom rtc icount watchdog-action echr incoming only-migratable
            nodefaults chroot runas sandbox readconfig no-user-config trace plugin async-teardown msg dump-vmstate
            enable-sync-profile object M qtest qtest-log semihosting semihosting-config g prom-env old-param""";

    private static CommandLine parse(String line) {
        return QemuOptions.parse(List.of(line.split(" ")), DeviceTypes.builtIn());
    }

    @Test
    void shouldKnowEveryOptionOfQemu() {
        OptionTable table = new OptionTable();
        for (String option : QEMUS.split("\\s+")) {
            assertTrue(table.find(option).isPresent(), option);
        }
    }

    /** What QEMU takes and jkvm does without. */
    @ParameterizedTest
    @ValueSource(strings = {"-vga cirrus", "-full-screen", "-m 64K", "-usb", "-m 128,slots=2,maxmem=1G",
        "-smp 1,maxcpus=4", "-overcommit cpu-pm=on", "-d in_asm", "-machine pc,smm=on",
        "-drive format=raw,file=a,bps=1024,werror=stop",
        "-audiodev pa,id=a", "-compat deprecated-input=reject"})
    void shouldSayThatItGoesOnWithoutPartsThatAreNotThereYet(String line) {
        List<String> warnings = parse(line).warnings();
        assertTrue(warnings.getFirst().startsWith("not yet: " + line), warnings.toString());
    }

    /** What QEMU takes and cannot make a difference here. */
    @ParameterizedTest
    @ValueSource(strings = {"-no-fd-bootchk", "-win2k-hack", "-singlestep", "-k en-us", "-action panic=none",
        "-rotate 90", "-machine pc,dump-guest-core=off,mem-merge=off", "-machine pc-i440fx-3.1",
        "-machine pc,kernel_irqchip=split", "-name guest=x,process=y",
        "-drive file=a,format=raw,aio=io_uring", "-sandbox off", "-smp cpus=1,maxcpus=1",
        "-drive format=raw,file=a,cache=directsync,aio=native", "-watchdog-action reset",
        "-only-migratable", "-machine pc,pit=off", "-no-acpi", "-overcommit mem-lock=off", "-L folder",
        "-rtc clock=vm"})
    void shouldTakeOptionsThatMakeNoDifferenceWithoutAWord(String line) {
        assertEquals(List.of(), parse(line).warnings());
    }

    @Test
    void shouldWarnOfCpuCountsOfZero() {
        CommandLine line = parse("-smp 0");
        assertEquals(1, line.machine().platform().cpus());
        assertTrue(line.warnings().getFirst().contains("must be greater than zero"), line.warnings().toString());
    }

    @Test
    void shouldEndAfterAResetOrStopAfterAPowerOffAsActionSays() {
        assertEquals(new EndConfig(true, true), parse("-action reboot=shutdown,shutdown=pause").machine().end());
        assertEquals(new EndConfig(false, false), parse("-no-reboot -action reboot=reset").machine().end());
    }

    @Test
    void shouldPutDisksOfTheOldOptionsInTheOrderOfTheirNumbersOnAMicrovm() {
        List<String> files = parse("-M microvm -hdd d -drive if=virtio,file=x -hdb b -cdrom c a").machine().devices()
                .stream().filter(device -> device.type() instanceof VirtioBlockType)
                .map(device -> device.properties().get(VirtioBlockType.DRIVE).image().text()).toList();
        assertEquals(List.of("a", "x", "b", "c", "d"), files);
    }

    /** The IDE drives of a line, each as its bus, its unit, its type and its file. */
    private static List<String> ideDrives(String line) {
        return parse(line).machine().devices().stream().filter(device -> device.type() instanceof IdeType)
                .map(device -> device.properties().get(UnitType.BUS) + " " + device.properties().get(IdeType.UNIT) + " "
                        + device.driver() + device.properties().values().values().stream()
                        .filter(DriveSpec.class::isInstance).map(DriveSpec.class::cast)
                        .map(drive -> " " + drive.id() + " " + drive.image().text()).collect(Collectors.joining()))
                .toList();
    }

    @Test
    void shouldPutDisksOnTheCablesAsQemuDoes() {
        assertEquals(List.of("ide.1 1 ide-hd ide1-hd1 d", "ide.0 1 ide-hd ide0-hd1 b", "ide.1 0 ide-cd ide1-cd0 c",
                "ide.0 0 ide-hd ide0-hd0 a"), ideDrives("-hdd d -drive if=virtio,file=x -hdb b -cdrom c a"));
        assertEquals(List.of("ide.0 0 ide-hd x a", "ide.0 1 ide-hd ide0-hd1 b", "ide.1 0 ide-hd ide1-hd0 c"),
                ideDrives("-drive file=a,id=x -drive file=b -drive file=c"));
        assertEquals(List.of("ide.1 1 ide-cd ide1-cd1 a", "ide.0 1 ide-hd ide0-hd1 b", "ide.1 0 ide-cd ide1-cd0 "),
                ideDrives("-drive file=a,media=cdrom,bus=1,unit=1 -drive file=b,if=ide,index=1"));
    }

    @Test
    void shouldHaveAnEmptyCdDriveWhereFirmwareStarts() {
        assertEquals(List.of("ide.1 0 ide-cd ide1-cd0 "), ideDrives("-m 64"));
        assertEquals(List.of(), ideDrives("-nodefaults"));
        assertEquals(List.of(), ideDrives("-kernel k"));
        assertEquals(List.of(), ideDrives("-M microvm"));
        assertEquals(List.of(), ideDrives("-device loader,file=f,addr=0x1000,cpu-num=0"));
    }
}
