package jkvm.examples.course;

import java.util.List;
import jkvm.examples.Lesson01OpenKvm;
import jkvm.examples.Lesson02PortWrite;
import jkvm.examples.Lesson03ProtectedMode;
import jkvm.examples.Lesson04LongMode;
import jkvm.examples.Lesson05Cpuid;
import jkvm.examples.Lesson06Msr;
import jkvm.examples.Lesson07SingleStep;
import jkvm.examples.Lesson08TwoKvms;
import jkvm.examples.Lesson09InsideTheKvm;
import jkvm.examples.Lesson10TimerInterrupt;
import jkvm.examples.Lesson11ApicTimer;
import jkvm.examples.Lesson12Smp;
import jkvm.examples.Lesson13Mmio;
import jkvm.examples.Lesson14Ioeventfd;
import jkvm.examples.Lesson15Irqfd;
import jkvm.examples.Lesson16DirtyLog;
import jkvm.examples.Lesson17MeasureExits;
import jkvm.examples.Lesson18PciDevice;
import jkvm.examples.Lesson19DeviceType;
import jkvm.examples.Lesson20Virtqueue;
import jkvm.examples.Lesson21VirtioBlk;
import jkvm.examples.Lesson22NetworkCard;
import jkvm.examples.Lesson23BiosCall;
import jkvm.examples.Lesson24Linux;
import jkvm.examples.Lesson25BootSector;
import jkvm.examples.Lesson26BiosService;
import jkvm.examples.Lesson27CloneAndReset;

/** The lessons in the order of the course. */
final class Course {
    private static final Part MACHINE = new Part("A virtual machine", List.of(
            new Lesson("open KVM: the descriptors, and the capabilities of this KVM",
                    Lesson01OpenKvm.class, Lesson01OpenKvm::main, "", MachineExercises.OPEN_KVM),
            new Lesson("one port write: memory, registers, the run loop: a whole hypervisor",
                    Lesson02PortWrite.class, Lesson02PortWrite::main, "port-write", MachineExercises.PORT_WRITE),
            new Lesson("protected mode: segments; the guest changes its mode itself",
                    Lesson03ProtectedMode.class, Lesson03ProtectedMode::main, "protected-mode",
                    MachineExercises.PROTECTED_MODE),
            new Lesson("long mode: page tables, two translations",
                    Lesson04LongMode.class, Lesson04LongMode::main, "long-mode", MachineExercises.LONG_MODE)));

    private static final Part PROCESSOR = new Part("The processor", List.of(
            new Lesson("CPUID: the processor that the guest sees",
                    Lesson05Cpuid.class, Lesson05Cpuid::main, "cpuid", ProcessorExercises.CPUID),
            new Lesson("model-specific registers: one that the host invents",
                    Lesson06Msr.class, Lesson06Msr::main, "msr", ProcessorExercises.MSR),
            new Lesson("single step: a trace of each instruction",
                    Lesson07SingleStep.class, Lesson07SingleStep::main, "steps", ProcessorExercises.SINGLE_STEP),
            new Lesson("two KVMs: one guest on both, an instruction at a time",
                    Lesson08TwoKvms.class, Lesson08TwoKvms::main, "two-kvms", ProcessorExercises.TWO_KVMS),
            new Lesson("inside the KVM in Java: page walks, TLB, deliveries",
                    Lesson09InsideTheKvm.class, Lesson09InsideTheKvm::main, "inside", ProcessorExercises.INSIDE)));

    private static final Part INTERRUPTS = new Part("Interrupts and processors", List.of(
            new Lesson("a timer interrupt: interrupt controller and timer in the kernel",
                    Lesson10TimerInterrupt.class, Lesson10TimerInterrupt::main, "timer", InterruptExercises.TIMER),
            new Lesson("the APIC timer: each processor's own, and a table of interrupts",
                    Lesson11ApicTimer.class, Lesson11ApicTimer::main, "apic-timer", InterruptExercises.APIC_TIMER),
            new Lesson("several processors: INIT, SIPI, a thread for each",
                    Lesson12Smp.class, Lesson12Smp::main, "smp", InterruptExercises.SMP)));

    private static final Part EXITS = new Part("Exits, and doing without them", List.of(
            new Lesson("MMIO: a text screen that is not memory",
                    Lesson13Mmio.class, Lesson13Mmio::main, "screen", ExitExercises.MMIO),
            new Lesson("ioeventfd: a doorbell without an exit",
                    Lesson14Ioeventfd.class, Lesson14Ioeventfd::main, "doorbell", ExitExercises.IOEVENTFD),
            new Lesson("irqfd: an interrupt without a request",
                    Lesson15Irqfd.class, Lesson15Irqfd::main, "irqfd", InterruptExercises.IRQFD),
            new Lesson("the dirty log: pages that the guest has written",
                    Lesson16DirtyLog.class, Lesson16DirtyLog::main, "dirty", ExitExercises.DIRTY_LOG),
            new Lesson("measure exits: count, median, the slow ones",
                    Lesson17MeasureExits.class, Lesson17MeasureExits::main, "exits", ExitExercises.MEASURE)));

    private static final Part DEVICES = new Part("Devices", List.of(
            new Lesson("a PCI device of your own: the guest finds it, places its registers, uses them",
                    Lesson18PciDevice.class, Lesson18PciDevice::main, "pci-device", DeviceExercises.PCI_DEVICE),
            new Lesson("a device type: properties, help, a machine made in Java",
                    Lesson19DeviceType.class, Lesson19DeviceType::main, "power", DeviceExercises.DEVICE_TYPE),
            new Lesson("a virtqueue from the driver's side: three tables in memory",
                    Lesson20Virtqueue.class, Lesson20Virtqueue::main, "virtqueue", DeviceExercises.VIRTQUEUE),
            new Lesson("a virtio disk: chains of buffers, a file of the host",
                    Lesson21VirtioBlk.class, Lesson21VirtioBlk::main, "virtio-blk", DeviceExercises.VIRTIO_BLK),
            new Lesson("a network card: rings, DMA, the user network",
                    Lesson22NetworkCard.class, Lesson22NetworkCard::main, "network-card",
                    DeviceExercises.NETWORK_CARD)));

    private static final Part SYSTEMS = new Part("Whole systems", List.of(
            new Lesson("a BIOS call: services that exit to Java",
                    Lesson23BiosCall.class, Lesson23BiosCall::main, "bios-call", SystemExercises.BIOS_CALL),
            new Lesson("boot Linux by hand: the work of a boot loader",
                    Lesson24Linux.class, Lesson24Linux::main, "little-linux", SystemExercises.LINUX),
            new Lesson("a boot sector: a program that asks the BIOS for screen, disk and keys",
                    Lesson25BootSector.class, Lesson25BootSector::main, "boot-sector", SystemExercises.BOOT_SECTOR),
            new Lesson("a BIOS service of your own: a Java class replaces INT 10h",
                    Lesson26BiosService.class, Lesson26BiosService::main, "screen-calls",
                    SystemExercises.BIOS_SERVICE),
            new Lesson("save, clone, reset: a machine is data",
                    Lesson27CloneAndReset.class, Lesson27CloneAndReset::main, "visits",
                    SystemExercises.CLONE_AND_RESET)));

    static final List<Part> PARTS = List.of(MACHINE, PROCESSOR, INTERRUPTS, EXITS, DEVICES, SYSTEMS);
    static final List<Lesson> LESSONS = PARTS.stream().flatMap(part -> part.lessons().stream()).toList();

    /** Lessons with a common subject. */
    record Part(String title, List<Lesson> lessons) {
    }

    private Course() {
    }

    /** The lesson's number, from 1. */
    static int numberOf(Lesson lesson) {
        return LESSONS.indexOf(lesson) + 1;
    }
}
