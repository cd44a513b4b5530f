package jkvm.examples.course;

import java.util.List;
import jkvm.examples.Lesson01OpenKvm;
import jkvm.examples.Lesson02PortWrite;
import jkvm.examples.Lesson03ProtectedMode;
import jkvm.examples.Lesson04LongMode;
import jkvm.examples.Lesson05TimerInterrupt;
import jkvm.examples.Lesson06PciDevice;
import jkvm.examples.Lesson07NetworkCard;
import jkvm.examples.Lesson08TwoKvms;
import jkvm.examples.Lesson09InsideTheKvm;
import jkvm.examples.Lesson10DeviceType;
import jkvm.examples.Lesson11Mmio;
import jkvm.examples.Lesson12Ioeventfd;
import jkvm.examples.Lesson13Irqfd;
import jkvm.examples.Lesson14DirtyLog;
import jkvm.examples.Lesson15MeasureExits;
import jkvm.examples.Lesson16Cpuid;
import jkvm.examples.Lesson17Msr;
import jkvm.examples.Lesson18SingleStep;
import jkvm.examples.Lesson19ApicTimer;
import jkvm.examples.Lesson20Smp;
import jkvm.examples.Lesson21BiosCall;
import jkvm.examples.Lesson22Virtqueue;
import jkvm.examples.Lesson23VirtioBlk;
import jkvm.examples.Lesson24Linux;

/** The lessons in the order of the course. */
final class Course {
    static final List<Part> PARTS = List.of(
            new Part("A virtual machine", List.of(
                    new Lesson("open KVM: the descriptors, and the capabilities of this KVM",
                            Lesson01OpenKvm.class, Lesson01OpenKvm::main, "", MachineExercises.OPEN_KVM),
                    new Lesson("one port write: memory, registers, the run loop: a whole hypervisor",
                            Lesson02PortWrite.class, Lesson02PortWrite::main, "port-write",
                            MachineExercises.PORT_WRITE),
                    new Lesson("protected mode: segments; the guest changes its mode itself",
                            Lesson03ProtectedMode.class, Lesson03ProtectedMode::main, "protected-mode",
                            MachineExercises.PROTECTED_MODE),
                    new Lesson("long mode: page tables, two translations",
                            Lesson04LongMode.class, Lesson04LongMode::main, "long-mode",
                            MachineExercises.LONG_MODE))),
            new Part("Interrupts", List.of(
                    new Lesson("a timer interrupt: interrupt controller and timer in the kernel",
                            Lesson05TimerInterrupt.class, Lesson05TimerInterrupt::main, "timer",
                            InterruptExercises.TIMER))),
            new Part("Devices", List.of(
                    new Lesson("a PCI device of your own: the guest finds it, places its registers, uses them",
                            Lesson06PciDevice.class, Lesson06PciDevice::main, "pci-device",
                            DeviceExercises.PCI_DEVICE),
                    new Lesson("a network card: rings, DMA, the user network",
                            Lesson07NetworkCard.class, Lesson07NetworkCard::main, "network-card",
                            DeviceExercises.NETWORK_CARD))),
            new Part("Inside", List.of(
                    new Lesson("two KVMs: one guest on both, an instruction at a time",
                            Lesson08TwoKvms.class, Lesson08TwoKvms::main, "two-kvms",
                            ProcessorExercises.TWO_KVMS),
                    new Lesson("inside the KVM in Java: page walks, TLB, deliveries",
                            Lesson09InsideTheKvm.class, Lesson09InsideTheKvm::main, "inside",
                            ProcessorExercises.INSIDE))),
            new Part("A whole machine", List.of(
                    new Lesson("a device type: properties, help, a machine made in Java",
                            Lesson10DeviceType.class, Lesson10DeviceType::main, "power",
                            DeviceExercises.DEVICE_TYPE))),
            new Part("More", List.of(
                    new Lesson("MMIO: a text screen that is not memory",
                            Lesson11Mmio.class, Lesson11Mmio::main, "screen", ExitExercises.MMIO),
                    new Lesson("ioeventfd: a doorbell without an exit",
                            Lesson12Ioeventfd.class, Lesson12Ioeventfd::main, "doorbell", ExitExercises.IOEVENTFD),
                    new Lesson("irqfd: an interrupt without a request",
                            Lesson13Irqfd.class, Lesson13Irqfd::main, "irqfd", InterruptExercises.IRQFD),
                    new Lesson("the dirty log: pages that the guest has written",
                            Lesson14DirtyLog.class, Lesson14DirtyLog::main, "dirty", ExitExercises.DIRTY_LOG),
                    new Lesson("measure exits: count, median, the slow ones",
                            Lesson15MeasureExits.class, Lesson15MeasureExits::main, "exits", ExitExercises.MEASURE),
                    new Lesson("CPUID: the processor that the guest sees",
                            Lesson16Cpuid.class, Lesson16Cpuid::main, "cpuid", ProcessorExercises.CPUID),
                    new Lesson("model-specific registers: one that the host invents",
                            Lesson17Msr.class, Lesson17Msr::main, "msr", ProcessorExercises.MSR),
                    new Lesson("single step: a trace of each instruction",
                            Lesson18SingleStep.class, Lesson18SingleStep::main, "steps",
                            ProcessorExercises.SINGLE_STEP),
                    new Lesson("the APIC timer: each processor's own",
                            Lesson19ApicTimer.class, Lesson19ApicTimer::main, "apic-timer",
                            InterruptExercises.APIC_TIMER),
                    new Lesson("several processors: INIT, SIPI, threads",
                            Lesson20Smp.class, Lesson20Smp::main, "smp", InterruptExercises.SMP),
                    new Lesson("a BIOS call: services that exit to Java",
                            Lesson21BiosCall.class, Lesson21BiosCall::main, "bios-call",
                            SystemExercises.BIOS_CALL),
                    new Lesson("a virtqueue from the driver's side: three tables in memory",
                            Lesson22Virtqueue.class, Lesson22Virtqueue::main, "virtqueue",
                            DeviceExercises.VIRTQUEUE),
                    new Lesson("a virtio disk: chains of buffers, a file of the host",
                            Lesson23VirtioBlk.class, Lesson23VirtioBlk::main, "virtio-blk",
                            DeviceExercises.VIRTIO_BLK),
                    new Lesson("boot Linux by hand: the work of a boot loader",
                            Lesson24Linux.class, Lesson24Linux::main, "little-linux",
                            SystemExercises.LINUX))));

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
