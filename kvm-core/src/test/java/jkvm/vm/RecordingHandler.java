package jkvm.vm;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntPredicate;

/** Notes the exits that it is given; a predicate over the exit reason says whether to go on. */
final class RecordingHandler implements ExitHandler {
    final List<Integer> reasons = new CopyOnWriteArrayList<>();
    final List<RuntimeException> failures = new CopyOnWriteArrayList<>();
    private final IntPredicate goesOn;

    RecordingHandler(IntPredicate goesOn) {
        this.goesOn = goesOn;
    }

    @Override
    public boolean handle(Vcpu vcpu, int reason) {
        reasons.add(reason);
        return goesOn.test(reason);
    }

    @Override
    public void failed(Vcpu vcpu, RuntimeException cause) {
        failures.add(cause);
    }
}
