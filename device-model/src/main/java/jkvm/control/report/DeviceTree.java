package jkvm.control.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import jkvm.device.board.Bus;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.pci.PciFunctionFacts;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.image.DriveSpec;
import jkvm.host.netdev.NetdevSpec;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.facts.DeviceFacts;

/** The devices by their buses, with their properties. */
final class DeviceTree {
    /** More devices than these are not listed. */
    static final int MAX_DEVICES = 300;

    private final List<DeviceFacts> devices;

    DeviceTree(List<DeviceFacts> devices) {
        this.devices = devices;
    }

    void write(Markup page) {
        Map<String, List<DeviceFacts>> buses = new TreeMap<>();
        devices.stream().limit(MAX_DEVICES).forEach(device ->
                buses.computeIfAbsent(busOf(device), _ -> new ArrayList<>()).add(device));
        page.begin("ul", "class", "tree");
        buses.forEach((bus, members) -> {
            page.begin("li").element("span", bus, "class", "bus").begin("ul");
            members.stream().sorted(Comparator.comparingInt(DeviceTree::order)).forEach(device -> device(page, device));
            page.end().endLine();
        });
        page.endLine();
        if (devices.size() > MAX_DEVICES) {
            page.element("p", "and " + Numbers.count(devices.size() - MAX_DEVICES) + " devices more", "class", "note");
        }
    }

    private static String busOf(DeviceFacts device) {
        if (device.pci().isPresent()) {
            return "PCI bus";
        }
        Bus bus = device.config().map(config -> config.type().bus()).orElse(Bus.NONE);
        return bus == Bus.NONE ? "Board" : bus.text();
    }

    /** Functions by their address; others as they were added, since the order of equal ones stays. */
    private static int order(DeviceFacts device) {
        return device.pci().map(pci -> pci.slot() << 3 | pci.function()).orElse(0);
    }

    private static void device(Markup page, DeviceFacts device) {
        page.begin("li");
        device.pci().ifPresent(pci -> page.element("span", Numbers.hex(pci.slot(), 2) + "." + pci.function(), "class",
                "code").text(" "));
        page.element("strong", device.name());
        device.config().ifPresent(config -> page.text(" " + config.driver()).element("span",
                " " + config.type().description(), "class", "note"));
        page.begin("ul", "class", "facts");
        device.pci().ifPresent(pci -> pci(page, pci));
        device.config().ifPresent(config -> properties(page, config));
        page.end().endLine();
    }

    private static void pci(Markup page, PciFunctionFacts pci) {
        fact(page, "id", Numbers.hex(pci.vendor(), 4) + ":" + Numbers.hex(pci.device(), 4));
        fact(page, "class", Numbers.hex(pci.classCode(), 6));
        if (pci.pin() > 0) {
            fact(page, "interrupt", "INT" + (char) ('A' + pci.pin() - 1) + ", line " + pci.line());
        }
        for (PciFunctionFacts.Range bar : pci.bars()) {
            String place = bar.address().isPresent() ? Numbers.hex(bar.address().getAsLong()) : "nowhere";
            fact(page, bar.index() == 6 ? "ROM" : "BAR " + bar.index(), (bar.isPorts() ? "ports " : "memory ") + place
                    + ", " + (bar.isPorts() ? bar.size() + " ports" : Numbers.bytes(bar.size())));
        }
    }

    private static void properties(Markup page, DeviceConfig config) {
        Properties given = config.properties();
        for (Property<?> property : config.type().properties()) {
            Optional<?> value = given.find(property);
            if (value.isPresent()) {
                fact(page, property.name(), text(property, value.get()));
            }
        }
    }

    private static void fact(Markup page, String name, String value) {
        page.begin("li", "title", name + " = " + value).element("span", name, "class", "note").text(" " + value).end();
    }

    private static String text(Property<?> property, Object value) {
        return switch (value) {
            case Boolean flag -> flag ? "on" : "off";
            case Long mac when property.kind() == Property.Kind.MAC ->
                    Numbers.hex(mac, 12).replaceAll("(..)(?=.)", "$1:");
            case Long address -> Numbers.hex(address);
            case Integer place when property.kind() == Property.Kind.PCI_ADDRESS ->
                    Numbers.hex(place >> 3, 2) + "." + (place & 7);
            case Integer number when number > 9 -> number + " (" + Numbers.hex(number) + ")";
            case DriveSpec drive -> drive.id();
            case ChardevSpec chardev -> chardev.label();
            case NetdevSpec netdev -> netdev.id();
            case Path file -> file.toString();
            default -> value.toString();
        };
    }
}
