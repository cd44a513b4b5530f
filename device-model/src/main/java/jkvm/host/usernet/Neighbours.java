package jkvm.host.usernet;

import java.util.LinkedHashMap;
import java.util.Map;

/** Ethernet addresses of the guest's IP addresses: learnt from what it sends, the longest unused forgotten first. */
final class Neighbours {
    static final int MAX_ENTRIES = 256;
    private final FlowKey probe = new FlowKey();
    private final Map<FlowKey, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    private static final class Entry {
        long mac;
    }

    void learn(long hi, long lo, long mac) {
        Entry entry = entries.get(probe.set(hi, lo, 0, 0, 0, 0));
        if (entry == null) {
            if (entries.size() >= MAX_ENTRIES) {
                entries.remove(entries.keySet().iterator().next());
            }
            entry = new Entry();
            entries.put(probe.copy(), entry);
        }
        entry.mac = mac;
    }

    /** @return 48 bits, or -1 if it is not known */
    long find(long hi, long lo) {
        Entry entry = entries.get(probe.set(hi, lo, 0, 0, 0, 0));
        return entry == null ? -1 : entry.mac;
    }

    int size() {
        return entries.size();
    }
}
