package jkvm.control.report;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import jkvm.boot.ElfSymbols;
import jkvm.inspect.ExitCost;
import jkvm.inspect.ExitPlace;
import jkvm.inspect.ExitTimeline;
import jkvm.machine.facts.MachineFacts;

/**
 * The data of a page about a run that has ended.
 *
 * @param guest    its name, or that of its kernel or firmware
 * @param about    what the page says at its top, by labels
 * @param ending   several lines of what the user was told about the end; empty for an end in good order
 * @param runNanos the guest's time from its start to its end, with pauses
 * @param vcpus    by their numbers
 * @param costs    of the kinds of exits on all vCPUs, the most frequent first
 * @param places   of exits on all vCPUs, the most frequent first
 * @param events   of the machine's life, in their order
 * @param lost     how many events came after those
 * @param facts    of the machine at its end; empty if it did not get that far
 * @param heat     where the guest spent its instructions; empty where the KVM does not tell
 */
record RunReport(String guest, Map<String, String> about, String ending, long runNanos, List<VcpuRun> vcpus,
        List<ExitCost> costs, List<Place> places, List<Event> events, long lost, Optional<MachineFacts> facts,
        Optional<Heat> heat) {

    /**
     * One vCPU.
     *
     * @param registers as text, at the end; empty if they could not be read
     * @param code      around RIP
     */
    record VcpuRun(int id, ExitTimeline timeline, String registers, List<CodeLine> code) {
    }

    /**
     * An instruction.
     *
     * @param address linear
     * @param bytes   hexadecimal
     * @param text    empty where it is not known
     */
    record CodeLine(long address, String bytes, String text, boolean isNext) {
    }

    /**
     * The exits of one port or address.
     *
     * @param device   empty if there is none
     * @param register empty if it has no name
     */
    record Place(ExitPlace exits, String device, String register) {
    }

    /**
     * Something that happened to the machine.
     *
     * @param nanos  since its start
     * @param name   QMP's
     * @param detail its cause; empty if it has none
     */
    record Event(long nanos, String name, String detail) {
    }

    /**
     * Where a guest spent its instructions.
     *
     * @param addresses instructions by linear addresses of blocks
     * @param elsewhere instructions at addresses that were too many and too cold to keep
     * @param user      instructions at privilege level 3
     * @param total     all that were sampled
     * @param symbols   names of addresses, from the kernel's file
     */
    record Heat(SortedMap<Long, Long> addresses, long elsewhere, long user, long total, ElfSymbols symbols) {
    }

    /** All exits. */
    long exits() {
        return costs.stream().mapToLong(cost -> cost.guest().count()).sum();
    }
}
