package jkvm.control.trace;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import jkvm.inspect.ExitPlace;
import jkvm.inspect.ExitStatistics;

/** How fast the exits of each vCPU and place come, from one look to the next. For one thread. */
final class ExitRates {
    private final Map<Integer, ExitStatistics> vcpus;
    private final Function<ExitPlace, String> owner;
    private Map<Key, ExitPlace> before = new HashMap<>();

    /**
     * @param vcpus by their ids; more may come
     * @param owner the device at a place; empty if there is none
     */
    ExitRates(Map<Integer, ExitStatistics> vcpus, Function<ExitPlace, String> owner) {
        this.vcpus = vcpus;
        this.owner = owner;
    }

    private record Key(int vcpu, String exit, long place, int size) {
    }

    /**
     * The exits of one vCPU at one place.
     *
     * @param vcpu         its id
     * @param place        with its exit, and the numbers since the start
     * @param device       empty if there is none
     * @param exits        since the last look
     * @param handlerNanos in user space since then
     * @param guestNanos   in KVM_RUN since then
     */
    record Row(int vcpu, ExitPlace place, String device, long exits, long handlerNanos, long guestNanos) {
    }

    /** The exits since the last look, the places that took most time in user space first, then the most frequent. */
    List<Row> next() {
        Map<Key, ExitPlace> now = new HashMap<>();
        List<Row> rows = new ArrayList<>();
        new TreeMap<>(vcpus).forEach((id, statistics) -> {
            for (ExitPlace place : ExitStatistics.places(List.of(statistics))) {
                Key key = new Key(id, place.exit(), place.place(), place.size());
                now.put(key, place);
                rows.add(row(id, place, before.get(key)));
            }
        });
        before = now;
        rows.sort(Comparator.comparingLong(Row::handlerNanos).thenComparingLong(Row::exits)
                .thenComparingLong(row -> row.place().count()).reversed());
        return rows;
    }

    private Row row(int vcpu, ExitPlace place, ExitPlace last) {
        if (last == null) {
            return new Row(vcpu, place, owner.apply(place), place.count(), place.handler().totalNanos(),
                    place.guest().totalNanos());
        }
        return new Row(vcpu, place, owner.apply(place), place.count() - last.count(),
                place.handler().totalNanos() - last.handler().totalNanos(),
                place.guest().totalNanos() - last.guest().totalNanos());
    }
}
