package jkvm.control.report;

import java.util.List;

/** The registers of each vCPU at its end, and the code around RIP. */
final class EndStates {
    /** More vCPUs than these are left out. */
    static final int MAX_VCPUS = 32;

    private final List<RunReport.VcpuRun> vcpus;

    EndStates(List<RunReport.VcpuRun> vcpus) {
        this.vcpus = vcpus;
    }

    void write(Markup page) {
        List<RunReport.VcpuRun> shown = vcpus.subList(0, Math.min(MAX_VCPUS, vcpus.size()));
        for (RunReport.VcpuRun vcpu : shown) {
            if (vcpu.id() == 0) {
                page.begin("details", "open", "open");
            } else {
                page.begin("details");
            }
            page.element("summary", "vCPU " + vcpu.id());
            if (vcpu.registers().isEmpty()) {
                page.element("p", "Its registers could not be read.", "class", "note");
            } else {
                page.element("pre", vcpu.registers());
            }
            code(page, vcpu.code());
            page.endLine();
        }
        page.element("p", "Lines before RIP are those before it in memory: a jump may have led to it from elsewhere.",
                "class", "note").text("\n");
        if (shown.size() < vcpus.size()) {
            page.element("p", "and " + (vcpus.size() - shown.size()) + " vCPUs more", "class", "note").text("\n");
        }
    }

    private static void code(Markup page, List<RunReport.CodeLine> lines) {
        if (lines.isEmpty()) {
            return;
        }
        page.begin("table", "class", "code").begin("tbody");
        for (RunReport.CodeLine line : lines) {
            page.begin("tr", "class", line.isNext() ? "next" : "");
            page.element("td", line.isNext() ? "RIP" : "").element("td", Numbers.hex(line.address(), 8));
            page.element("td", line.bytes(), "class", "left").element("td", line.text(), "class", "left").end();
        }
        page.end().endLine();
    }
}
