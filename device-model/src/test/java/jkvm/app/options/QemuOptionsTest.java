package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import jkvm.device.board.PciPlace;
import jkvm.device.board.Properties;
import jkvm.device.floppy.FloppyType;
import jkvm.device.floppy.IsaFdcType;
import jkvm.device.testdev.IsaDebugExitType;
import jkvm.device.testdev.PcTestdevType;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.device.virtio.console.VirtconsoleType;
import jkvm.device.virtio.rng.VirtioRngType;
import jkvm.host.disk.ImageFormat;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.ImageDescription;
import jkvm.machine.config.BootConfig.Loader;
import jkvm.machine.config.CpuConfig;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.EndConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.MachineType;
import jkvm.machine.config.RtcConfig;
import jkvm.soft.Accelerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QemuOptionsTest {

    /** Reads a line as a shell without quoting would split it. */
    private static MachineConfig parse(String line) {
        return QemuOptions.parse(words(line), DeviceTypes.builtIn()).machine();
    }

    private static List<String> words(String line) {
        return line.isBlank() ? List.of() : List.of(line.trim().split(" +"));
    }

    @Test
    void shouldHaveQemusDefaults() {
        MachineConfig config = parse("");
        assertEquals(MachineType.PC, config.platform().type());
        assertEquals(128L << 20, config.platform().memoryBytes());
        assertEquals(1, config.platform().cpus());
        assertEquals(CpuConfig.HOST, config.platform().cpu());
        assertEquals(RtcConfig.UTC, config.time().rtc());
        assertEquals("", config.platform().name());
        assertTrue(config.boot().kernel().isEmpty());
        assertEquals(new EndConfig(false, false), config.end());
    }

    @Test
    void shouldReadTheLineOfALinuxGuest() {
        MachineConfig config = QemuOptions.parse(List.of("-kernel", "vmlinuz", "-initrd", "a.gz", "-append",
                "console=ttyS0 quiet", "-m", "1G", "-smp", "2", "--nographic", "-no-reboot", "-name", "box"),
                DeviceTypes.builtIn()).machine();
        assertEquals(Optional.of(Path.of("vmlinuz")), config.boot().kernel());
        assertEquals(List.of("a.gz"), config.boot().initrds());
        assertEquals("console=ttyS0 quiet", config.boot().commandLine());
        assertEquals(1L << 30, config.platform().memoryBytes());
        assertEquals(2, config.platform().cpus());
        assertTrue(config.end().noReboot());
        assertEquals("box", config.platform().name());
    }

    @Test
    void shouldPutPciDevicesWhereTheUserWantsThem() {
        assertEquals(List.of(Optional.empty(), Optional.of(5 << 3), Optional.of(0x1f << 3 | 2)),
                parse("-nodefaults -device pci-testdev -device pci-testdev,addr=5,id=a,bus=pci.0"
                        + " -device virtio-rng-pci,addr=0x1f.2").devices().stream()
                        .map(device -> device.properties().find(PciPlace.ADDRESS)).toList());
        assertEquals(List.of(DeviceConfig.of(VirtioRngType.MMIO)),
                parse("-nodefaults -M microvm -device virtio-rng-device").devices());
        for (String address : new String[] {"20", "5.8", "x", "-1"}) {
            assertThrows(UsageException.class, () -> parse("-device pci-testdev,addr=" + address), address);
        }
    }

    @Test
    void shouldConnectAVirtconsoleToTheControllerBeforeIt() {
        DeviceConfig device = parse("-device virtio-serial-pci,addr=7 -device virtconsole,chardev=c -chardev pty,id=c")
                .devices().getLast();
        assertEquals("virtio-serial-pci", device.driver());
        assertEquals("c", device.properties().get(VirtconsoleType.CHARDEV).label());
        for (String line : new String[] {"-device virtconsole,chardev=c -chardev null,id=c",
                "-device virtio-serial-pci", "-device virtio-serial -device virtconsole,chardev=c",
                "-device virtio-serial -device virtconsole",
                "-device virtio-rng-pci,disable-modern=on,disable-legacy=on",
                "-device virtio-rng-pci,disable-legacy=maybe", "-device virtio-rng-pci,rng=r"}) {
            assertThrows(UsageException.class, () -> parse(line), line);
        }
    }

    private static Properties disk(String line) {
        return parse(line).devices().stream().filter(device -> device.type() instanceof VirtioBlockType).findFirst()
                .orElseThrow().properties();
    }

    /** The first drive with an image. */
    private static DriveSpec drive(String line) {
        return parse(line).devices().stream().flatMap(device -> device.properties().values().values().stream())
                .filter(DriveSpec.class::isInstance).map(DriveSpec.class::cast).filter(drive -> !drive.isEmpty())
                .findFirst().orElseThrow();
    }

    @Test
    void shouldReadDrives() {
        Properties disk = disk("-drive if=virtio,file=a.img,format=raw,cache=writethrough,discard=unmap");
        DriveSpec drive = disk.get(VirtioBlockType.DRIVE);
        assertEquals(ImageDescription.ofPath("a.img"), drive.image());
        assertEquals(Optional.of(ImageFormat.RAW), drive.options().format());
        assertTrue(drive.options().unmap());
        assertFalse(VirtioBlockType.settings(disk).writeCache(), "cache=writethrough turns the write cache off");
        assertTrue(drive("-cdrom a.iso").options().readOnly());
        assertTrue(drive("-hda a.qcow2 -snapshot").options().temporary());
        assertFalse(drive("-cdrom a.iso -snapshot").options().temporary(), "read-only needs no overlay");
        disk = disk("-device virtio-blk-pci,drive=d,serial=s,num-queues=2,addr=6 -drive if=none,id=d,file=b.qcow2");
        assertEquals("s", VirtioBlockType.settings(disk).serial());
        assertEquals(2, VirtioBlockType.settings(disk).queues());
        assertEquals(Optional.of(6 << 3), disk.find(PciPlace.ADDRESS));
        assertEquals(VirtioBlockType.MMIO, parse("-M microvm -hda a.raw").devices().getLast().type());
    }

    @Test
    void shouldPutFloppyDisksIntoTheirDrives() {
        List<DeviceConfig> floppies = parse("-nodefaults -fdb b.img -drive if=floppy,file=a.img").devices();
        assertEquals(List.of("floppy0=0", "floppy1=1"), floppies.stream().map(device -> device.properties()
                .get(FloppyType.DRIVE).id() + "=" + device.properties().get(FloppyType.UNIT)).toList());
        DeviceConfig empty = parse("-hda a.raw").devices().stream()
                .filter(device -> device.type() == FloppyType.TYPE).findFirst().orElseThrow();
        assertTrue(empty.properties().get(FloppyType.DRIVE).isEmpty());
        assertFalse(parse("-kernel k").devices().stream().anyMatch(device -> device.type() == FloppyType.TYPE));
        assertEquals("120", parse("-nodefaults -global isa-fdc.fdtypeA=120 -fda a").devices().getFirst().properties()
                .get(IsaFdcType.TYPE_A));
    }

    @Test
    void shouldRefuseDrivesThatCannotBe() {
        for (String line : new String[] {"-drive file=a,if=floppy,index=2", "-fda a -fda b",
                "-fda a -drive file=b,if=floppy,index=0", "-drive file=a,if=usb", "-M microvm -fda a",
                "-drive file=a,format=vmdx",
                "-drive file=a,cache=fast", "-drive file=a,discard=maybe", "-drive file=a,readonly=perhaps",
                "-drive file=a,media=tape", "-drive file=a,aio=native", "-drive file=a,id=x -drive file=b,id=x",
                "-drive file=a,nonsense=1", "-device virtio-blk-pci",
                "-device virtio-blk-pci,drive=none", "-drive file=a,id=x -device virtio-blk-pci,drive=x",
                "-drive if=none,file=a,id=x -device virtio-blk-pci,drive=x -device virtio-blk-pci,drive=x",
                "-drive if=none,file=a,id=x -device virtio-blk-pci,drive=x,logical_block_size=1000"}) {
            assertThrows(UsageException.class, () -> parse(line), line);
        }
    }

    @Test
    void shouldSplitInitrdsAtSingleCommas() {
        MachineConfig config = QemuOptions.parse(List.of("-kernel", "k", "-initrd", "a x=1,,2,b"),
                DeviceTypes.builtIn()).machine();
        assertEquals(List.of("a x=1,2", "b"), config.boot().initrds());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "64          | 67108864",
        "0           | 134217728",
        "1G          | 1073741824",
        "1.5g        | 1610612736",
        "size=256M   | 268435456",
        "2048K       | 2097152",
        "0x40        | 67108864",
        "1048577B    | 1056768",
        "4T          | 4398046511104",
    })
    void shouldReadSizesInMebibytesUnlessTheySayOtherwise(String text, long bytes) {
        assertEquals(bytes, parse("-m " + text).platform().memoryBytes());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "4                             | 4",
        "cpus=3                        | 3",
        "0x2                           | 2",
        "4,sockets=2,cores=2,threads=1 | 4",
        "8,cores=4                     | 8",
        "sockets=2,cores=3             | 6",
        "2,maxcpus=2                   | 2",
    })
    void shouldCountCpus(String text, int cpus) {
        assertEquals(cpus, parse("-smp " + text).platform().cpus());
    }

    @ParameterizedTest
    @CsvSource({"5, 5", "0x10, 16", "0xFFFFFFFFFFFFFFFF, -1"})
    void shouldReadSeedsAsUnsignedNumbers(String text, long seed) {
        assertEquals(OptionalLong.of(seed), parse("-seed " + text).time().seed());
    }

    @Test
    void shouldLetSignedCpuFeaturesWin() {
        CpuConfig cpu = parse("-cpu max,+AVX2,avx2=off,sse4.2=off,-x2apic,pmu").platform().cpu();
        assertEquals("max", cpu.model());
        assertEquals(Map.of("avx2", true, "sse4.2", false, "x2apic", false, "pmu", true), cpu.features());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-M microvm", "--machine microvm,accel=kvm", "-machine type=microvm,accel=kvm:tcg",
        "-M microvm,acpi=on,graphics=off -accel kvm -enable-kvm"})
    void shouldTakeTheMachineTypeInEverySpelling(String line) {
        assertEquals(MachineType.MICROVM, parse(line).platform().type());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-m 64                                           |",
        "-accel kvm                                      | kvm",
        "-enable-kvm                                     | kvm",
        "-accel soft                                     | soft",
        "-accel tcg,thread=single,tb-size=64,split-wx=on | soft",
        "-accel tcg,thread=multi                         | soft",
        "-accel kvm,kernel-irqchip=on -accel tcg         | kvm:soft",
        "-machine accel=kvm:tcg                          | kvm:soft",
        "-M accel=tcg -M accel=kvm                       | kvm",
        "-machine pc,accel=tcg -accel soft               | soft",
        "-accel hvf -accel tcg                           | soft",
    })
    void shouldTakeAcceleratorsInTheOrderOfPreference(String line, String expected) {
        List<Accelerator.Kind> chosen = parse(line).host().accelerators();
        assertEquals(expected == null ? "" : expected,
                chosen.stream().map(Accelerator.Kind::text).collect(Collectors.joining(":")));
    }

    @ParameterizedTest
    @CsvSource({"-accel soft, true", "'-accel soft,compile=off', false", "'-accel tcg,compile=on', true",
        "'-accel soft,compile=off -accel soft', false"})
    void shouldCompileGuestCodeUnlessToldNotTo(String line, boolean expected) {
        assertEquals(expected, parse(line).host().compiles());
    }

    @Test
    void shouldWarnOfAnUnknownAcceleratorAmongOthers() {
        assertEquals(List.of("-machine accel=xen:kvm: invalid accelerator xen; there are kvm and soft (or tcg)"),
                QemuOptions.parse(words("-machine accel=xen:kvm"), DeviceTypes.builtIn()).warnings());
    }

    @Test
    void shouldReadTestDevices() {
        List<DeviceConfig> devices = parse("-nodefaults -device isa-debug-exit,iobase=0xf4,iosize=0x4"
                + " -device isa-debug-exit -device pc-testdev").devices();
        assertEquals(List.of(IsaDebugExitType.TYPE, IsaDebugExitType.TYPE, PcTestdevType.TYPE),
                devices.stream().map(DeviceConfig::type).toList());
        assertEquals(List.of(0xf4, 0x501), devices.stream().limit(2)
                .map(device -> device.properties().get(IsaDebugExitType.PORT)).toList());
        assertEquals(List.of(4, 2), devices.stream().limit(2)
                .map(device -> device.properties().get(IsaDebugExitType.SIZE)).toList());
    }

    @Test
    void shouldReadLoaders() {
        MachineConfig config = parse("-device loader,file=a,,b.bin,addr=0x7c00,cpu-num=0 -device loader,file=x.elf"
                + " -device loader,addr=4096,cpu-num=1");
        assertEquals(List.of(
                new Loader(Optional.of(Path.of("a,b.bin")), OptionalLong.of(0x7c00), OptionalInt.of(0), false),
                new Loader(Optional.of(Path.of("x.elf")), OptionalLong.empty(), OptionalInt.empty(), false),
                new Loader(Optional.empty(), OptionalLong.of(4096), OptionalInt.of(1), false)),
                config.boot().loaders());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "utc                               | false | HOST      |",
        "base=localtime,clock=host         | true  | HOST      |",
        "clock=vm                          | false | GUEST     |",
        "2006-06-17,clock=rt,driftfix=slew | false | MONOTONIC | 2006-06-17T00:00:00",
        "base=2006-06-17T16:01:21,clock=vm | false | GUEST     | 2006-06-17T16:01:21",
    })
    void shouldReadTheClock(String text, boolean localTime, RtcConfig.Source source, LocalDateTime start) {
        assertEquals(new RtcConfig(localTime, source, Optional.ofNullable(start)), parse("-rtc " + text).time().rtc());
    }

    @Test
    void shouldAcceptNoneForWhatJkvmDoesNotHave() {
        assertEquals(parse("-display none -vga none"), parse("-vnc none -net none -nic none -vga none -parallel none"
                + " -no-user-config -no-hpet"));
    }

    /** Text that the message must contain. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-kernle x                          | -kernle: invalid option; did you mean -kernel? (jkvm -help",
        "-nographics                        | -nographics: invalid option; did you mean -nographic?",
        "-frobnicate                        | -frobnicate: invalid option (jkvm -help",
        "--                                 | --: invalid option",
        "doktor                             | (doctor, demo, harness, img, lab, shell); did you mean doctor?",
        "-curses                            | -curses: invalid option, QEMU has it no more: use -display curses",
        "-msg timestamp=maybe               | -msg timestamp=maybe: property timestamp is on or off",
        "-x                                 | -x: invalid option (jkvm -help",
        "-kernel                            | -kernel: needs an argument, FILE",
        "-fw_cfg name=opt/x                 | -fw_cfg name=opt/x: name, plus exactly one of file and string, are",
        "-fw_cfg string=x                   | name, plus exactly one of file and string, are needed",
        "-fw_cfg opt/x,string=              | name, plus exactly one of file and string, are needed",
        "-fw_cfg opt/x,string=a,file=b      | name, plus exactly one of file and string, are needed",
        "-fw_cfg x,gen_id=a                 | property gen_id: jkvm has no objects",
        "-fw_cfg x,foo=a                    | unknown property foo",
        "-fw_cfg opt/12345678901234567890123456789012345678901234567890123,string=x | name too long (max. 55 char)",
        "-boot x                            | -boot x: no boot device x",
        "-boot cc                           | -boot cc: boot device c was given twice",
        "-boot acdn                         | -boot acdn: at most 3 boot devices",
        "-boot reboot-timeout=70000         | property reboot-timeout must be from -1 to 65535",
        "-append x                          | -append is for a kernel; add -kernel FILE",
        "-initrd x                          | -initrd is for a kernel; add -kernel FILE",
        "-m 12Q                             | -m 12Q: not a size",
        "-m -5                              | -m -5: not a size",
        "-m 1e3                             | -m 1e3: not a size",
        "-m ++5                             | -m ++5: not a size",
        "-m 1.5.5                           | -m 1.5.5: not a size",
        "-m 99999999.5T                     | -m 99999999.5T: not a size",
        "-m 99999999T                       | -m 99999999T: not a size",
        "-display dbus                      | not yet: -display dbus: jkvm has no such display",
        "-m 1G,maxmem=512M                  | invalid value of maxmem: it must be at least the initial memory",
        "-m 1G,slot=2                       | -m 1G,slot=2: unknown property slot",
        "-smp 4,maxcpus=2                   | maxcpus must be equal to or greater than smp",
        "-smp many                          | -smp many: property cpus is not a number: many",
        "-smp 4,sockets=3                   | sockets (3) * dies (1) * cores (1) * threads (1) != maxcpus (4)",
        "-smp 8,sockets=1,cores=2,threads=2 | product of the hierarchy must match maxcpus",
        "-smp 300                           | Invalid SMP CPUs 300; there are at most 255 CPUs",
        "-smp sockets=200,cores=200         | Invalid SMP CPUs 40000",
        "-M q35                             | not yet: -M q35: jkvm has no such machine; there are pc",
        "-cpu Hazwell                       | unable to find CPU model 'Hazwell'; -cpu help lists them; did you mean",
        "-M pc,accel=xen                  | -M pc,accel=xen: invalid accelerator xen; there are kvm and soft (or tcg)",
        "-accel hvf                         | -accel hvf: invalid accelerator hvf",
        "-accel tcg,thread=double           | only thread=single and thread=multi are supported",
        "-accel tcg,tb-size=big             | property tb-size is not a number: big",
        "-accel tcg,split-wx=maybe          | property split-wx is on or off",
        "-accel tcg,kernel-irqchip=on       | unknown property kernel-irqchip",
        "-accel kvm,thread=single           | unknown property thread",
        "-accel kvm,kernel-irqchip=split    | only kernel-irqchip=on is supported",
        "-accel tcg -machine accel=kvm      | -accel and -machine accel= (or -enable-kvm) name different accelerators",
        "-accel soft -enable-kvm            | -accel and -machine accel= (or -enable-kvm) name different accelerators",
        "-icount shift=11                 | -icount shift=11: icount: Invalid shift value; it is a number from 0 to 10",
        "-icount x                          | -icount x: icount: Invalid shift value",
        "-icount align=on                   | -icount align=on: Please specify shift option when using align",
        "-icount 3,align=on,sleep=off       | align=on and sleep=off are incompatible",
        "-icount auto                       | -icount auto: jkvm does not follow the host's speed",
        "-icount 3 -accel kvm               | -icount is not allowed with hardware virtualization; use -accel soft",
        "-icount 3 -accel tcg,thread=multi  | -accel tcg,thread=multi: not with -icount",
        "-icount shift=0,foo=1              | unknown property foo; there are rr, rrfile, shift, align, sleep",
        "-icount 3 -smp 2                   | -icount: time is counted by the instructions of one CPU; use -smp 1",
        "-icount 3 -rtc base=localtime      | -rtc base=localtime: with -icount the clock starts at a date",
        "-seed x                            | -seed x: Invalid seed number: x",
        "-daemonize -serial stdio -display none | serial0: cannot use stdio with -daemonize",
        "-daemonize -nographic              | -nographic cannot be used with -daemonize",
        "-M pc-i440fx-9.9                   | unsupported machine type pc-i440fx-9.9; jkvm -machine help lists",
        "-display qtk                       | property type does not accept 'qtk'",
        "-monitor stdi                      | -monitor stdi: unknown character device",
        "-mon chardev=c0                    | -mon chardev:c0: there is no -chardev with id=c0",
        "-device virtio-gqu                 | 'virtio-gqu' is not a valid device model name",
        "-device isa-debug-exti             | did you mean isa-debug-exit?",
        "-device isa-debug-exit,iobse=4     | unknown property iobse; did you mean iobase?",
        "-device isa-debug-exit,iobase=0x10000 | property iobase must be from 0 to 65535",
        "-device e1000,id=a -device pci-testdev,id=a | -device pci-testdev,id=a: Duplicate ID 'a' for device",
        "-device vmgenid,guid=xx            | Property 'vmgenid.guid' doesn't take value 'xx'",
        "-device loader,data=1,addr=2       | property data: jkvm loads files only",
        "-device loader,addr=2              | give it file=FILE, or addr= and cpu-num=",
        "-device isa-debugcon               | property chardev is missing",
        "-device isa-debugcon,chardev=c0    | there is no -chardev with id=c0",
        "-rtc base=yesterday                | base must be utc, localtime, a date",
        "-uuid 1-2-3-4-5                    | -uuid 1-2-3-4-5: Invalid UUID: write it as 8-4-4-4-12",
        "-xen-attach                        | -xen-attach: Option not supported for this target",
        "-overcommit mem-lok=on             | unknown property mem-lok; did you mean mem-lock?",
        "-mon chardev=x,mode=control        | -mon chardev:x: there is no -chardev with id=x",
        "-mon mode=control                  | property chardev is missing",
        "-mon m,mode=control -chardev null,id=m,mux=on | -mon chardev:m: a chardev that devices share cannot carry QMP",
        "-action reboot=now                 | property reboot does not accept 'now'; there are reset, shutdown",
        "-hdb a.img -hdb b.img              | -hdb b.img: drive with bus=0, unit=1 (index=1) exists",
    })
    void shouldRefuseInOneLineThatNamesOptionAndValue(String line, String message) {
        UsageException thrown = assertThrows(UsageException.class, () -> parse(line));
        assertTrue(thrown.getMessage().contains(message), thrown.getMessage());
        assertFalse(thrown.getMessage().contains("\n"), thrown.getMessage());
        assertTrue(thrown.getMessage().contains(line.split(" ")[0]), thrown.getMessage());
    }

    @Test
    void shouldListEveryOptionAndEveryWordInTheHelp() {
        String help = QemuOptions.read(List.of("-m", "1", "-help"), DeviceTypes.builtIn()).information().orElseThrow();
        for (OptionTable.Option option : new OptionTable().all()) {
            assertTrue(option.help().isEmpty() || help.contains("\n  -" + option.name() + " "), option.name());
        }
        for (String word : List.of("clone", "doctor", "demo", "harness", "img", "lab", "shell")) {
            assertTrue(help.contains("\n  " + word + " "), word);
        }
        assertTrue(help.lines().allMatch(line -> line.length() <= 120), "lines fit a terminal");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-version      | jkvm version 0.1.0",
        "--version     | jkvm version 0.1.0",
        "-h            | usage: jkvm",
        "--help        | usage: jkvm",
        "-machine help | microvm",
        "-cpu ?        | max",
        "-device help  | isa-debug-exit",
        "-device isa-debug-exit,help | iosize=<uint8>",
        "-chardev help | socket,path=FILE,server=on",
        "-accel help   | kvm",
        "-netdev help  | tap,id=ID",
        "-nic help     | socket,id=ID",
        "-object help  | memory-backend-memfd",
    })
    void shouldGiveTheInformationThatIsAskedFor(String line, String text) {
        assertTrue(QemuOptions.read(words(line), DeviceTypes.builtIn()).information().orElseThrow().contains(text));
    }

    @Test
    void shouldNotTakeAValueForAQuestion() {
        assertEquals(Optional.empty(), QemuOptions.read(List.of("-append", "-help", "-kernel", "help"),
                DeviceTypes.builtIn()).information());
        assertEquals(Optional.empty(), QemuOptions.read(List.of(), DeviceTypes.builtIn()).information());
    }
}
