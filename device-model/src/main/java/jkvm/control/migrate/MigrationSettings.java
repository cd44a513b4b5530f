package jkvm.control.migrate;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The capabilities and parameters of one machine's migrations. Any thread may call, also while one is under way. */
public final class MigrationSettings {
    private final Set<MigrationCapability> capabilities = EnumSet.noneOf(MigrationCapability.class);
    private final Map<MigrationParameter, Object> parameters = new EnumMap<>(MigrationParameter.class);

    MigrationSettings() {
        for (MigrationParameter parameter : MigrationParameter.values()) {
            parameters.put(parameter, parameter.initial());
        }
    }

    /** Whether a capability is on. */
    public synchronized boolean has(MigrationCapability capability) {
        return capabilities.contains(capability);
    }

    /**
     * Switches capabilities, all or none.
     *
     * @throws MigrationException if one cannot be switched on
     */
    synchronized void switchAll(Map<MigrationCapability, Boolean> states) throws MigrationException {
        for (Map.Entry<MigrationCapability, Boolean> state : states.entrySet()) {
            Optional<String> refusal = state.getValue() ? state.getKey().refusal() : Optional.empty();
            if (refusal.isPresent()) {
                throw new MigrationException(refusal.get());
            }
        }
        states.forEach((capability, isOn) -> {
            if (isOn) {
                capabilities.add(capability);
            } else {
                capabilities.remove(capability);
            }
        });
    }

    /**
     * Sets parameters, all or none.
     *
     * @param values of the types that the parameters have
     * @throws MigrationException if one cannot have its value
     */
    public synchronized void set(Map<MigrationParameter, Object> values) throws MigrationException {
        for (Map.Entry<MigrationParameter, Object> value : values.entrySet()) {
            Optional<String> refusal = value.getKey().refusal(value.getValue());
            if (refusal.isPresent()) {
                throw new MigrationException(refusal.get());
            }
        }
        Map<MigrationParameter, Object> next = new EnumMap<>(parameters);
        next.putAll(values);
        if ((long) next.get(MigrationParameter.MAX_CPU_THROTTLE)
                < (long) next.get(MigrationParameter.CPU_THROTTLE_INITIAL)) {
            throw new MigrationException("Parameter 'max_cpu_throttle' expects an integer in the range of"
                    + " cpu_throttle_initial to 99");
        }
        parameters.putAll(values);
    }

    /** The value of a parameter, of the type that it has. */
    public synchronized Object get(MigrationParameter parameter) {
        return parameters.get(parameter);
    }

    /** The value of a parameter that is a number. */
    long number(MigrationParameter parameter) {
        return (long) get(parameter);
    }

    /** The value of a parameter that is a text. */
    String text(MigrationParameter parameter) {
        return (String) get(parameter);
    }

    /** As {@link #bandwidth()}, while the machine runs on the other side. */
    long postcopyBandwidth() {
        long limit = number(MigrationParameter.MAX_POSTCOPY_BANDWIDTH);
        return limit <= 0 ? Long.MAX_VALUE : limit;
    }

    /** Bytes that may go over in a second; {@link Long#MAX_VALUE} without a limit. */
    long bandwidth() {
        long limit = number(MigrationParameter.MAX_BANDWIDTH);
        return limit <= 0 ? Long.MAX_VALUE : limit;
    }
}
