package jkvm.control.report;

import java.util.Arrays;
import java.util.Map;
import jkvm.soft.observe.SoftObserver;

/**
 * Adds up where a vCPU of the KVM in Java spends its instructions, by addresses, in memory that does not grow: when
 * there are too many addresses, the colder half of them is forgotten and counts as elsewhere.
 *
 * <p>The vCPU's thread records and allocates only then. Others read when it has ended.
 */
final class HeatSamples implements SoftObserver {
    /** So many addresses are told apart at most. */
    static final int MAX_ADDRESSES = 6144;
    private static final int SLOTS = 8192;

    private final long[] addresses = new long[SLOTS];
    /** Instructions; zero for a slot that is free. */
    private final long[] weights = new long[SLOTS];
    private int used;
    private long elsewhere;
    private long user;
    private long total;

    @Override
    public void executed(long linear, long instructions, boolean isUser) {
        if (instructions <= 0) {
            return;
        }
        total += instructions;
        user += isUser ? instructions : 0;
        if (used >= MAX_ADDRESSES) {
            forgetColderHalf();
        }
        put(linear, instructions);
    }

    private void put(long address, long weight) {
        int slot = (int) (address * 0x9E37_79B9_7F4A_7C15L >>> 51) & SLOTS - 1;
        while (weights[slot] != 0 && addresses[slot] != address) {
            slot = slot + 1 & SLOTS - 1;
        }
        used += weights[slot] == 0 ? 1 : 0;
        addresses[slot] = address;
        weights[slot] += weight;
    }

    private void forgetColderHalf() {
        long[] oldAddresses = addresses.clone();
        long[] oldWeights = weights.clone();
        long[] sorted = weights.clone();
        Arrays.sort(sorted);
        long limit = sorted[SLOTS - used / 2];
        Arrays.fill(weights, 0);
        used = 0;
        for (int i = 0; i < SLOTS; i++) {
            if (oldWeights[i] > limit) {
                put(oldAddresses[i], oldWeights[i]);
            }
        }
        for (int i = 0; i < SLOTS; i++) {
            if (oldWeights[i] == limit && used < MAX_ADDRESSES / 2) {
                put(oldAddresses[i], oldWeights[i]);
            } else if (oldWeights[i] <= limit) {
                elsewhere += oldWeights[i];
            }
        }
    }

    /** Adds the instructions of each address that is still known. */
    void addTo(Map<Long, Long> sums) {
        for (int i = 0; i < SLOTS; i++) {
            if (weights[i] != 0) {
                sums.merge(addresses[i], weights[i], Long::sum);
            }
        }
    }

    /** Instructions at addresses that were forgotten. */
    long elsewhere() {
        return elsewhere;
    }

    /** Instructions at privilege level 3. */
    long user() {
        return user;
    }

    /** All instructions that were told. */
    long total() {
        return total;
    }
}
