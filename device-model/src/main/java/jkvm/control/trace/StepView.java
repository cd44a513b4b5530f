package jkvm.control.trace;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import jkvm.abi.KvmExit;
import jkvm.machine.Machine;
import jkvm.soft.observe.SoftObserver;
import jkvm.vm.ExitHandler;
import jkvm.vm.Vcpu;

/**
 * Writes down a guest's instructions one by one: KVM single-steps each vCPU (KVM_GUESTDBG_SINGLESTEP), which exits
 * after every instruction.
 * Each costs an exit and some requests for registers, so that the guest is slower by a factor of
 * thousands. On a processor, handlers of interrupts and exceptions run between two steps and are not seen; the KVM in
 * Java steps through them and tells the vector.
 */
final class StepView implements RunView {
    private static final String HEADER = """
            # One line for each instruction: vCPU, number, linear address, bytes, instruction.
            # The line below it has what it changed: registers before -> after, memory written = its bytes now.
            #cpu  number  address           bytes                    instruction
            """;

    private final StepConfig config;
    private final Consumer<String> log;
    private final Map<Integer, StepRecorder> recorders = new ConcurrentHashMap<>();

    /** @param log takes whole lines, each with its end */
    StepView(StepConfig config, Consumer<String> log) {
        this.config = config;
        this.log = log;
    }

    private StepRecorder recorder(int vcpu) {
        return recorders.computeIfAbsent(vcpu, id -> new StepRecorder(id, config, log));
    }

    @Override
    public SoftObserver inside(int vcpu) {
        return recorder(vcpu);
    }

    @Override
    public void attach(Machine machine) {
        log.accept(HEADER);
        machine.debug().vcpus().forEach(vcpu -> recorder(vcpu.id()).attach(machine.debug().memory(), vcpu));
    }

    @Override
    public void entering(Vcpu vcpu) {
        recorder(vcpu.id()).begin();
    }

    @Override
    public ExitHandler observe(Vcpu vcpu, ExitHandler handler) {
        StepRecorder recorder = recorder(vcpu.id());
        return new ExitHandler() {
            @Override
            public boolean handle(Vcpu seen, int reason) {
                if (reason == KvmExit.DEBUG && recorder.isStepping()) {
                    recorder.stepped();
                    return true;
                }
                return handler.handle(seen, reason);
            }

            @Override
            public void failed(Vcpu seen, RuntimeException cause) {
                handler.failed(seen, cause);
            }
        };
    }

    @Override
    public void close() {
        // The log is its owner's.
    }
}
