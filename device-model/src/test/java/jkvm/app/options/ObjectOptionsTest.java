package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.device.virtio.rng.VirtioRngType;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.MemoryConfig;
import jkvm.machine.config.PlatformConfig;
import jkvm.memory.MemoryBacking;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObjectOptionsTest {
    private static CommandLine parse(String line) {
        return QemuOptions.parse(List.of(("-kernel k -nodefaults " + line).split(" ")), DeviceTypes.builtIn());
    }

    private static PlatformConfig platform(String line) {
        return parse(line).machine().platform();
    }

    @Test
    void shouldGiveDevicesTheObjectsThatTheyName() {
        CommandLine random = parse("-device virtio-rng-pci,rng=r -object rng-random,id=r,filename=/dev/urandom");
        CommandLine builtIn = parse("-object rng-builtin,id=r -device virtio-rng-pci,rng=r");
        CommandLine disk = parse("-object iothread,id=t,poll-max-ns=9 -drive if=none,id=d,file=/dev/null,format=raw"
                + " -device virtio-blk-pci,drive=d,iothread=t");

        assertEquals("r", random.machine().devices().getLast().properties().get(VirtioRngType.RNG));
        assertEquals("r", builtIn.machine().devices().getLast().properties().get(VirtioRngType.RNG));
        assertEquals("t", disk.machine().devices().getLast().properties().get(VirtioBlockType.IOTHREAD));
        assertEquals(List.of(), random.warnings());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            memory-backend-ram,id=m,size=64M                     | ANONYMOUS
            memory-backend-ram,id=m,size=64M,share=on            | MEMFD
            memory-backend-memfd,id=m,size=64M,seal=off          | MEMFD
            memory-backend-memfd,id=m,size=64M,hugetlb=on        | HUGEPAGES
            """)
    void shouldBackTheMachinesMemoryByTheObjectThatItNames(String object, MemoryBacking backing) {
        for (String line : new String[] {"-machine memory-backend=m -object " + object,
                "-m 64 -object " + object + " -machine pc,memory-backend=m"}) {
            PlatformConfig platform = platform(line);
            assertEquals(64L << 20, platform.memoryBytes());
            assertEquals(MemoryConfig.of(backing), platform.memory());
        }
        assertEquals(MemoryConfig.DEFAULT, platform("-object " + object).memory(), "nobody names it");
    }

    @Test
    void shouldHaveAHighPrecisionEventTimerOnRequest() {
        assertTrue(platform("-machine hpet=on").hpet());
        assertFalse(platform("-machine pc").hpet());
        assertFalse(platform("-machine hpet=on -no-hpet").hpet());
    }

    @Test
    void shouldSayWhatIsNotThereYetAndGoOn() {
        assertTrue(parse("-object memory-backend-ram,id=m,size=64M,policy=bind,host-nodes=0").warnings().getFirst()
                .startsWith("not yet: -object memory-backend-ram"));
    }

    @Test
    void shouldMapMemoryFromTheFileThatAnOptionNames() {
        MemoryConfig shared = MemoryConfig.ofFile(Path.of("/tmp/jkvm-guest"), true);
        assertEquals(shared, platform("-machine memory-backend=m"
                + " -object memory-backend-file,id=m,size=64M,mem-path=/tmp/jkvm-guest,share=on").memory());
        assertEquals(shared.with(true, false, false, true), platform("-machine memory-backend=m,mem-merge=off -object"
                + " memory-backend-file,id=m,size=64M,mem-path=/tmp/jkvm-guest,share=on,dump=off -mem-prealloc"
                + " -overcommit mem-lock=on").memory());
        assertEquals(MemoryConfig.ofFile(Path.of("/dev/shm"), false).with(false, true, false, false),
                platform("-mem-path /dev/shm -machine pc,dump-guest-core=off").memory());
    }

    @Test
    void shouldFindTheFileOfRandomBytesByItsObject() {
        MachineConfig machine = parse("-object rng-random,id=r,filename=/dev/zero -device virtio-rng-pci,rng=r,"
                + "max-bytes=512,period=100").machine();
        assertEquals(Map.of("r", Path.of("/dev/zero")), machine.host().randomFiles());
        assertEquals(512, machine.devices().getLast().properties().get(VirtioRngType.MAX_BYTES));
        assertEquals(100, machine.devices().getLast().properties().get(VirtioRngType.PERIOD));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            -object foo,id=x                                | 'qom-type' does not accept value 'foo'
            -object rng-random                              | property id is missing
            -object rng-builtin,id=1x                       | property id expects an identifier
            -object rng-builtin,id=r,filename=x             | unknown property filename
            -object rng-random,id=r,filename=/no/such       | cannot open /no/such
            -object rng-builtin,id=r -object iothread,id=r  | Duplicate ID 'r' for object
            -object memory-backend-ram,id=m                 | property size is missing
            -object memory-backend-ram,id=m,size=0          | property size does not take value 0
            -object memory-backend-ram,id=m,size=banana     | not a size
            -object memory-backend-file,id=m,size=1M        | property mem-path is missing
            -object iothread,id=t,foo=1                     | unknown property foo
            -object secret,data=x                           | Parameter 'id' is missing
            -object secret,id=s                             | Either 'file' or 'data' must be provided
            -object secret,id=s,data=x,file=y               | 'file' and 'data' are mutually exclusive
            -object secret,id=s,file=/no/such               | Unable to read /no/such
            -object secret,id=s,data=!,format=base64        | Base64 data contains invalid characters
            -object secret,id=s,data=x,format=hex           | property format does not accept 'hex'
            -object secret,id=s,data=x,foo=1                | unknown property foo
            -object secret,id=s,data=x,keyid=m,iv=AAAA      | No secret with id 'm'
            -object secret,id=m,data=YQ== -object secret,id=s,data=x,keyid=m,iv=AAAA | Key should be 32 bytes
            -object secret,id=s,data=x -object iothread,id=s | Duplicate ID 's' for object
            -object secret,id=s,data=x -object secret,id=s,data=y | Duplicate ID 's' for object
            -device virtio-rng-pci,rng=nope                 | Device 'nope' not found; add -object rng-builtin
            -object iothread,id=t -device virtio-rng-pci,rng=t | t is of type iothread
            -mem-path /no/such/file                         | can't open backing store /no/such/file
            -mem-path /tmp -object memory-backend-ram,id=m,size=64M -machine memory-backend=m | can't be used together
            -machine memory-backend=nope                    | Memory backend 'nope' not found
            -m 128 -object memory-backend-ram,id=m,size=64M -machine memory-backend=m | Machine memory size does not
            """)
    void shouldSayWhatIsWrongWithAnObject(String line, String message) {
        RuntimeException e = assertThrows(RuntimeException.class, () -> parse(line));
        String text = ErrorText.of(e).orElseThrow(() -> e);
        assertTrue(text.contains(message), text);
    }
}
