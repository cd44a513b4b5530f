package jkvm.app.options;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jkvm.machine.config.SmbiosConfig;
import jkvm.tables.SmbiosNumber;
import jkvm.tables.SmbiosSettings;
import jkvm.tables.SmbiosText;

/** Reads {@code -smbios}: a later value of a property replaces an earlier one; strings, ports and devices add up. */
final class SmbiosOptions {
    private static final int SYSTEM = 1;
    private static final int MAX_TYPE = 127;
    private static final int MAX_MHZ = 0xFFFF;
    private static final int MAX_BYTE = 0xFF;
    /** As much of a release as QEMU looks at. Compiled where it is used: most runs have none. */
    private static final String RELEASE = "\\s*([+-]?\\d+)\\.\\s*([+-]?\\d+).*";
    /** Kinds of on-board devices, in the order of their numbers from one on. */
    private static final List<String> DEVICE_KINDS = List.of("other", "unknown", "video", "scsi", "ethernet",
            "tokenring", "sound", "pata", "sata", "sas");

    private final Set<Integer> types = new HashSet<>();
    private final Map<SmbiosText, String> texts = new EnumMap<>(SmbiosText.class);
    private final Map<SmbiosNumber, Long> numbers = new EnumMap<>(SmbiosNumber.class);
    private final List<SmbiosConfig.OemString> oemStrings = new ArrayList<>();
    private final List<SmbiosSettings.PortConnector> connectors = new ArrayList<>();
    private final List<SmbiosConfig.Onboard> onboard = new ArrayList<>();
    private final List<Path> files = new ArrayList<>();
    private Optional<SmbiosSettings.Release> release = Optional.empty();
    private boolean uefi;

    /** Takes one {@code -smbios}. Its number of the system is the same setting as {@code -uuid}. */
    void add(ConfigBuilder config, String text) {
        OptionValues values = new OptionValues("-smbios", text, "");
        if (values.has("file")) {
            String file = values.take("file").orElseThrow();
            values.end();
            if (file.isEmpty()) {
                throw values.error("Cannot read SMBIOS file: the name is empty");
            }
            files.add(ChardevOptions.path(values.where(), file));
            return;
        }
        if (!values.has("type")) {
            throw values.error("Must specify type= or file=");
        }
        long type = values.number("type", values.take("type").orElseThrow());
        if (type < 0 || type > MAX_TYPE) {
            throw values.error("type " + type + " is out of range!");
        }
        if (type == SYSTEM) {
            values.take("uuid").ifPresent(uuid ->
                    config.uuid = Optional.of(OptionTable.uuid(values.where(), uuid)));
        }
        fields(values, (int) type);
        values.end();
    }

    private void fields(OptionValues values, int type) {
        switch (type) {
            case 0 -> firmware(values);
            case 8 -> connectors.add(new SmbiosSettings.PortConnector(values.take("internal_reference").orElse(""),
                    values.take("external_reference").orElse(""), small(values, "connector_type", 0),
                    small(values, "port_type", 0)));
            case 11 -> values.takeAll("value", "path").forEach(entry -> oemStrings.add(oemString(values, entry)));
            case 41 -> onboard.add(device(values));
            case SYSTEM, 2, 3, 4, 17 -> { }
            default -> throw values.error("Don't know how to build fields for SMBIOS type " + type);
        }
        for (SmbiosText which : SmbiosText.values()) {
            if (which.type() == type) {
                values.take(which.property()).ifPresent(text -> texts.put(which, text));
            }
        }
        for (SmbiosNumber which : SmbiosNumber.values()) {
            if (which.type() == type) {
                values.take(which.property()).ifPresent(text -> numbers.put(which, number(values, which, text)));
            }
        }
        types.add(type);
    }

    private void firmware(OptionValues values) {
        values.take("release").ifPresent(text -> {
            Matcher parts = Pattern.compile(RELEASE).matcher(text);
            if (!parts.matches()) {
                throw values.error("Invalid release: write MAJOR.MINOR");
            }
            release = Optional.of(new SmbiosSettings.Release((int) values.number("release", parts.group(1)) & MAX_BYTE,
                    (int) values.number("release", parts.group(2)) & MAX_BYTE));
        });
        uefi = values.takeFlag("uefi", uefi);
    }

    private static long number(OptionValues values, SmbiosNumber which, String text) {
        if (which == SmbiosNumber.PROCESSOR_ID) {
            return values.unsigned(which.property(), text);
        }
        long number = values.number(which.property(), text);
        boolean isProcessors = which.type() == 4;
        if (isProcessors && (number < 0 || number > MAX_MHZ)) {
            throw values.error("SMBIOS CPU speed is too large (> " + MAX_MHZ + ")");
        }
        return number & MAX_MHZ;
    }

    private static int small(OptionValues values, String key, long absent) {
        return (int) (values.take(key).map(text -> values.number(key, text)).orElse(absent) & MAX_BYTE);
    }

    private static SmbiosConfig.OemString oemString(OptionValues values, Map.Entry<String, String> entry) {
        return entry.getKey().equals("value") ? new SmbiosConfig.OemString(Optional.empty(), entry.getValue())
                : new SmbiosConfig.OemString(Optional.of(ChardevOptions.path(values.where(), entry.getValue())), "");
    }

    private static SmbiosConfig.Onboard device(OptionValues values) {
        int kind = values.take("kind").map(name -> DEVICE_KINDS.indexOf(values.choice("kind", name, DEVICE_KINDS)))
                .orElse(0) + 1;
        return new SmbiosConfig.Onboard(values.take("designation").orElse(""), kind, small(values, "instance", 1),
                values.take("pcidev"));
    }

    /** @param machine the machine's type, with its version */
    SmbiosConfig config(String machine, Optional<SmbiosSettings.Sockets> sockets) {
        return new SmbiosConfig(new SmbiosSettings(machine, types, texts, numbers, release, uefi, sockets, List.of(),
                connectors, List.of(), List.of()), oemStrings, onboard, files);
    }
}
