package jkvm.boot;

import static jkvm.boot.BootFixture.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmRun;
import jkvm.linux.Syscalls;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;
import jkvm.memory.MemoryRegion;
import jkvm.vm.Kvm;
import jkvm.vm.OnEachKvm;
import jkvm.vm.Vcpu;
import jkvm.vm.Vm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each mode runs a few instructions that write what they see to port 0x10, then halt. */
@OnEachKvm
class EntryStatesTest {
    private static final int PORT = 0x10;
    private static final int HLT = 0xF4;
    /** out %al, $0x10; hlt. */
    private static final byte[] OUT_AL = {(byte) 0xE6, PORT, (byte) HLT};
    /** out %eax, $0x10; hlt: 32 bits in protected and long mode. */
    private static final byte[] OUT_EAX = {(byte) 0xE7, PORT, (byte) HLT};

    @TempDir
    private Path folder;
    private Kvm kvm;
    private Vm vm;
    private BootFixture fixture;

    @BeforeEach
    void setUp(Syscalls syscalls) {
        kvm = Kvm.open(syscalls);
        vm = kvm.createVm();
        fixture = new BootFixture(folder, MemoryBacking.ANONYMOUS.allocate(kvm.syscalls(), vm.arena(), 4 * MIB));
    }

    @AfterEach
    void tearDown() {
        vm.close();
        kvm.close();
    }

    @Test
    void shouldStartAtTheResetVector() {
        vm.setMemory(fixture.memory());
        GuestMemory rom = new GuestMemory(List.of(new MemoryRegion(0xFFFFF000L, vm.arena().allocate(4096, 4096))));
        rom.write(0xFFFFFFF0L, new byte[] {(byte) 0xB0, 0x42, (byte) 0xE6, PORT, (byte) HLT});
        vm.setMemoryRegion(8, 0, 0xFFFFF000L, 4096, rom.regions().getFirst().hostAddress());

        assertEquals(0x42, run(EntryStates.resetVector()));
    }

    @Test
    void shouldStartInRealModeInTheSegmentOfTheImage() {
        // mov %cs, %ax; mov %ah, %al; out %al, $0x10; hlt
        Path image = fixture.file("image",
                new byte[] {(byte) 0x8C, (byte) 0xC8, (byte) 0x88, (byte) 0xE0, (byte) 0xE6, PORT, (byte) HLT});
        FlatImage.load(image, 0x21230, fixture.memory());
        vm.setMemory(fixture.memory());

        assertEquals(0x21, run(FlatImage.entry(0x21230)));
    }

    @Test
    void shouldStartAFlatImageInProtectedMode() {
        // mov $0x12345678, %eax; out %eax, $0x10; hlt
        byte[] code = {(byte) 0xB8, 0x78, 0x56, 0x34, 0x12, (byte) 0xE7, PORT, (byte) HLT};
        FlatImage.load(fixture.file("image", code), MIB, fixture.memory());
        vm.setMemory(fixture.memory());

        assertEquals(0x12345678, run(FlatImage.entry(MIB)));
    }

    @Test
    void shouldHandTheMagicToAMultibootImage() {
        EntryState state = fixture.boot(MultibootBuilder.image(MIB, MIB, 0, 0, MIB + 32, OUT_EAX));
        vm.setMemory(fixture.memory());

        assertEquals(0x2BADB002, run(state));
    }

    @Test
    void shouldLetAProtectedModeGuestReloadItsSegments() {
        // mov $0x10, %eax; mov %eax, %ds; mov (%ebx), %eax; out %eax, $0x10; hlt
        byte[] code = {(byte) 0xB8, 0x10, 0, 0, 0, (byte) 0x8E, (byte) 0xD8, (byte) 0x8B, 0x03, (byte) 0xE7, PORT,
            (byte) HLT};
        EntryState state = fixture.boot(ElfBuilder.elf32().entry(MIB).load(MIB, code).pvhNote(MIB).build());
        vm.setMemory(fixture.memory());

        assertEquals(0x336EC578, run(state));
    }

    @Test
    void shouldStartLinuxInLongModeWithTheZeroPageInRsi() {
        // mov %rsi, %rax; shr $8, %rax; out %al, $0x10; hlt
        EntryState state = fixture.boot(new BzImageBuilder().entryCode((byte) 0x48, (byte) 0x89, (byte) 0xF0,
                (byte) 0x48, (byte) 0xC1, (byte) 0xE8, (byte) 8, (byte) 0xE6, (byte) PORT, (byte) HLT).build());
        vm.setMemory(fixture.memory());

        assertEquals(0x70, run(state));
    }

    @Test
    void shouldStartAPlainElf64FileInLongMode() {
        EntryState state = fixture.boot(ElfBuilder.elf64().entry(MIB).load(MIB, new byte[] {
                (byte) 0x48, (byte) 0x89, (byte) 0xE0, (byte) 0xE7, PORT, (byte) HLT}).build());
        vm.setMemory(fixture.memory());

        assertEquals(0x8FF0, run(state));
    }

    @Test
    void shouldStartAgainInRealModeAfterLongMode() {
        EntryState state = fixture.boot(new BzImageBuilder().entryCode(OUT_AL).build());
        fixture.memory().write(0x1000, new byte[] {(byte) 0xB0, 0x17, (byte) 0xE6, PORT, (byte) HLT});
        vm.setMemory(fixture.memory());
        Vcpu vcpu = vm.createVcpu(0);

        assertEquals(0, run(vcpu, state));
        assertEquals(0x17, run(vcpu, EntryStates.realMode(0, 0x1000)));
        assertEquals(0x17, run(vcpu, EntryStates.realMode(0x100, 0)));
    }

    private long run(EntryState state) {
        return run(vm.createVcpu(0), state);
    }

    /** @return what the guest wrote to the port before it halted */
    private static long run(Vcpu vcpu, EntryState state) {
        state.apply(vcpu);
        assertEquals("IO", KvmExit.name(vcpu.run()));
        KvmRun exit = vcpu.kvmRun();
        assertEquals(PORT, exit.ioPort());
        long value = exit.data(exit.ioDataOffset(), exit.ioSize());
        assertEquals("HLT", KvmExit.name(vcpu.run()));
        return value;
    }
}
