package jkvm.control.hmp;

import static jkvm.control.hmp.Parameter.flag;
import static jkvm.control.hmp.Parameter.optional;

import java.util.List;
import jkvm.inspect.RegisterDump;
import jkvm.machine.RunState;
import jkvm.soft.Accelerator;
import jkvm.vm.Vcpu;

/** The words after {@code info} that show the machine's state and its vCPUs. */
final class StatusCommands {
    private static final String NONE = "";

    /** An interrupt controller inside KVM counts nothing: QEMU shows these headings alone there. */
    private static final String INTERRUPTS = "IRQ statistics for kvm-ioapic:\nIRQ statistics for kvm-i8259:\n";

    private final MonitorSession session;
    private final MonitorHost host;

    StatusCommands(MonitorSession session, MonitorHost host) {
        this.session = session;
        this.host = host;
    }

    void addTo(CommandTable table) {
        table.add(MonitorCommand.of("status", NONE, "show the current VM status (running|paused)", _ -> status()));
        table.add(MonitorCommand.of("registers", "[-a|vcpu]", "show the cpu registers (-a: show register info for all"
                + " cpus; vcpu: specific vCPU to query; show the current CPU's registers if no argument is specified)",
                this::registers, flag('a'), optional("vcpu", Parameter.Kind.NUMBER)));
        table.add(MonitorCommand.of("irq", NONE, "show the interrupts statistics (if available)", _ -> INTERRUPTS));
        table.add(MonitorCommand.of("exits", NONE, "show exits by port or address, device and vCPU (with -trace exits)",
                _ -> host.exitTable().get().orElse("this monitor has no count of exits; with -trace exits that of"
                        + " -monitor and of Ctrl-A c has\n")));
        table.add(MonitorCommand.of("version", NONE, "show the version of QEMU", _ -> CommandsVersion.text() + "\n"));
        table.add(MonitorCommand.of("kvm", NONE, "show KVM information", _ -> "kvm support: "
                + (host.accelerator() == Accelerator.Kind.KVM ? "enabled" : "disabled") + "\n"));
        table.add(MonitorCommand.of("vm-generation-id", NONE, "Show Virtual Machine Generation ID", _ -> session
                .machine().generationId().map(id -> id + "\n").orElseThrow(() ->
                        MonitorException.refused("VM Generation ID device not found"))));
        table.add(MonitorCommand.of("cpus", NONE, "show infos for each CPU", _ -> cpus()));
    }

    private String status() {
        RunState state = session.machine().runState();
        String detail = state.isStopped() && state != RunState.PAUSED ? " (" + state.text() + ")" : "";
        return "VM status: " + (state.isStopped() ? "paused" : "running") + detail + "\n";
    }

    private String registers(Arguments arguments) {
        List<Vcpu> all = session.debug().vcpus();
        if (arguments.isSet('a')) {
            return session.standing(() -> String.join("", all.stream().map(StatusCommands::registers).toList()));
        }
        long index = arguments.optionalNumber("vcpu").orElse(session.vcpu().id());
        if (index < 0 || index >= all.size()) {
            throw new MonitorException("CPU#" + (int) index + " not available");
        }
        return session.standing(() -> registers(all.get((int) index)));
    }

    private static String registers(Vcpu vcpu) {
        return "\nCPU#" + vcpu.id() + "\n" + RegisterDump.ofAll(vcpu);
    }

    private String cpus() {
        List<Integer> threads = session.machine().vcpuThreadIds();
        StringBuilder text = new StringBuilder();
        for (Vcpu vcpu : session.debug().vcpus()) {
            text.append(vcpu == session.vcpu() ? "*" : " ").append(" CPU #").append(vcpu.id())
                    .append(": thread_id=").append(threads.get(vcpu.id())).append('\n');
        }
        return text.toString();
    }
}
