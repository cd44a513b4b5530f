package jkvm.abi;

import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The sizes and offsets that this package's classes hold in constants, under the kernel's names for them: {@code SIZE}
 * of {@code KvmRegs} is {@code kvm_regs}, {@code RAX_OFFSET} is {@code kvm_regs.rax}. {@link #OTHER_NAMES} lists where
 * the names differ.
 */
final class StructConstants {
    private static final int LINE = 119;
    private static final Pattern CONSTANT = Pattern.compile("(\\w+)_OFFSET|(\\w+_)?SIZE");
    /** Not of a struct: the number of an attribute, and a struct with the signals that follow it. */
    private static final Set<String> NO_LAYOUT = Set.of("KvmDeviceAttr.TSC_OFFSET", "KvmSignalMask.SIZE");
    /** Begins of names in Java, and of names in C that stand for them. The longest that fits counts. */
    private static final Map<String, String> OTHER_NAMES = Stream.of("""
            KvmCoalescedMmioRing.ENTRIES=kvm_coalesced_mmio_ring.coalesced_mmio
            KvmCoalescedMmioRing.ENTRY_=kvm_coalesced_mmio.
            KvmDebugRegs.=kvm_debugregs. KvmGuestDebug.DEBUGREG=kvm_guest_debug.arch.debugreg
            KvmIrqRouting.ENTRY_=kvm_irq_routing_entry.
            KvmIrqRouting.ENTRY_IRQCHIP=kvm_irq_routing_entry.u.irqchip.irqchip
            KvmIrqRouting.ENTRY_PIN=kvm_irq_routing_entry.u.irqchip.pin
            KvmIrqRouting.ENTRY_ADDRESS_=kvm_irq_routing_entry.u.msi.address_
            KvmIrqRouting.ENTRY_D=kvm_irq_routing_entry.u.msi.d KvmIrqRouting.ENTRY_HV_=kvm_irq_routing_entry.u.hv_sint.
            KvmMsrFilter.RANGE_=kvm_msr_filter_range. KvmMsrs.ENTRY_=kvm_msr_entry.
            KvmNestedState.VMXON=kvm_nested_state.hdr.vmx.vmxon KvmNestedState.VMCS12=kvm_nested_state.hdr.vmx.vmcs12
            KvmNestedState.VMCB=kvm_nested_state.hdr.svm.vmcb
            KvmRun.IO_=kvm_run.io. KvmRun.MMIO_=kvm_run.mmio. KvmRun.EXIT=kvm_run.hw KvmRun.EXIT_R=kvm_run.exit_r
            KvmRun.VALID_=kvm_run.kvm_valid_ KvmRun.DIRTY_=kvm_run.kvm_dirty_
            KvmRun.SYNC_=kvm_run.s.regs. KvmRun.SYNC_REGS=kvm_run.s.regs
            KvmRunExit.DEBUG_=kvm_run.debug.arch. KvmRunExit.EMULATION_=kvm_run.emulation_failure.
            KvmRunExit.EOI_=kvm_run.eoi. KvmRunExit.EXCEPTION_=kvm_run.ex.
            KvmRunExit.EXCEPTION_VECTOR=kvm_run.ex.exception
            KvmRunExit.FAIL_ENTRY_=kvm_run.fail_entry.
            KvmRunExit.FAIL_ENTRY_REASON=kvm_run.fail_entry.hardware_entry_failure_reason
            KvmRunExit.HW_=kvm_run.hw.hardware_ KvmRunExit.HYPERCALL_=kvm_run.hypercall.
            KvmRunExit.HYPERCALL_FLAGS=kvm_run.hypercall.longmode KvmRunExit.HYPERV_=kvm_run.hyperv.
            KvmRunExit.HYPERV_HCALL_=kvm_run.hyperv.u.hcall. KvmRunExit.HYPERV_SYNIC_=kvm_run.hyperv.u.synic.
            KvmRunExit.INTERNAL_=kvm_run.internal. KvmRunExit.MEMORY_FAULT_=kvm_run.memory_fault.
            KvmRunExit.MSR_=kvm_run.msr. KvmRunExit.NOTIFY_=kvm_run.notify.
            KvmRunExit.SYSTEM_EVENT_=kvm_run.system_event. KvmRunExit.TPR_ACCESS_=kvm_run.tpr_access.
            KvmRunExit.XEN_=kvm_run.xen.u.hcall. KvmRunExit.XEN_TYPE=kvm_run.xen.type
            KvmVcpuEvents.EXCEPTION_=kvm_vcpu_events.exception.
            KvmVcpuEvents.EXCEPTION_HAS_PAYLOAD=kvm_vcpu_events.exception_has_payload
            KvmVcpuEvents.EXCEPTION_PAYLOAD=kvm_vcpu_events.exception_payload
            KvmVcpuEvents.INTERRUPT_=kvm_vcpu_events.interrupt. KvmVcpuEvents.NMI_=kvm_vcpu_events.nmi.
            KvmVcpuEvents.SMI_=kvm_vcpu_events.smi. KvmVcpuEvents.SMI_INSIDE_NMI=kvm_vcpu_events.smi.smm_inside_nmi
            KvmVcpuEvents.TRIPLE_FAULT_=kvm_vcpu_events.triple_fault.
            KvmXcrs.ENTRY_=kvm_xcr. KvmXcrs.VALUE=kvm_xcr.value
            KvmXsave.FCW=kvm_xsave.region[0] KvmXsave.MXCSR=kvm_xsave.region[6] KvmXsave.XSTATE_BV=kvm_xsave.region[128]
            """.split("\\s+")).map(entry -> entry.split("="))
            .collect(Collectors.toUnmodifiableMap(entry -> entry[0], entry -> entry[1]));

    private StructConstants() {
    }

    /** All sizes and offsets by the kernel's name of the struct or field. */
    static Map<String, Long> all() throws IOException, URISyntaxException {
        Map<String, Long> all = new TreeMap<>();
        Path classes = Path.of(KvmStruct.class.getResource("KvmStruct.class").toURI()).getParent();
        try (Stream<Path> files = Files.list(classes)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
                addConstants(ClassFile.of().parse(file), all);
            }
        }
        return all;
    }

    private static void addConstants(ClassModel parsed, Map<String, Long> all) {
        String className = parsed.thisClass().asSymbol().displayName();
        for (FieldModel field : parsed.fields()) {
            String name = field.fieldName().stringValue();
            if (CONSTANT.matcher(name).matches() && !NO_LAYOUT.contains(className + "." + name)) {
                field.findAttribute(Attributes.constantValue()).ifPresent(constant -> all.put(
                        kernelName(className, name), ((Number) constant.constant().constantValue()).longValue()));
            }
        }
    }

    private static String kernelName(String className, String constant) {
        String name = className + "." + constant.replaceFirst("_OFFSET$", "");
        String begin = OTHER_NAMES.keySet().stream().filter(name::startsWith).max(
                (one, other) -> Integer.compare(one.length(), other.length())).orElse(className);
        String inC = OTHER_NAMES.containsKey(begin) ? OTHER_NAMES.get(begin) : snakeCase(className);
        String whole = inC + name.substring(begin.length()).toLowerCase();
        return constant.endsWith("SIZE") ? whole.substring(0, whole.indexOf('.')) : whole;
    }

    private static String snakeCase(String className) {
        return className.replaceAll("(?<!^)([A-Z])", "_$1").toLowerCase();
    }

    /** A struct in a paragraph: its size, then each field that has a constant, and its offset. */
    static List<String> describe(Map<String, Long> constants) {
        return constants.keySet().stream().map(name -> name.replaceFirst("\\..*", "")).distinct()
                .flatMap(struct -> paragraph(struct, constants).stream()).toList();
    }

    private static List<String> paragraph(String struct, Map<String, Long> constants) {
        StringBuilder text = new StringBuilder("struct " + struct);
        if (constants.containsKey(struct)) {
            text.append(" (").append(constants.get(struct)).append(" bytes)");
        }
        List<String> fields = constants.entrySet().stream().filter(field -> field.getKey().startsWith(struct + "."))
                .sorted(Map.Entry.comparingByValue())
                .map(field -> field.getKey().substring(struct.length() + 1) + " " + field.getValue()).toList();
        int lineBegin = 0;
        for (String field : fields) {
            boolean fits = text.length() - lineBegin + field.length() < LINE;
            text.append(fits ? " " : "\n    ").append(field);
            lineBegin = fits ? lineBegin : text.lastIndexOf("\n") + 1;
        }
        return text.toString().lines().toList();
    }
}
