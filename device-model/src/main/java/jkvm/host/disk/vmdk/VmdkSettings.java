package jkvm.host.disk.vmdk;

import java.io.IOException;
import java.util.List;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageException;

/**
 * Settings of a new image, checked.
 *
 * @param size     of the disk, in bytes; whole sectors
 * @param hardware the version of VMware's virtual hardware
 * @param tools    the version of VMware's tools
 * @param backing  the parent's file name, or null
 */
record VmdkSettings(long size, String subformat, String adapter, String hardware, String tools, boolean zeroGrains,
        String backing) {
    static final String MONOLITHIC_SPARSE = "monolithicSparse", MONOLITHIC_FLAT = "monolithicFlat",
            SPLIT_SPARSE = "twoGbMaxExtentSparse", SPLIT_FLAT = "twoGbMaxExtentFlat", STREAM = "streamOptimized";
    private static final List<String> SUBFORMATS = List.of(MONOLITHIC_SPARSE, MONOLITHIC_FLAT, SPLIT_SPARSE, SPLIT_FLAT,
            STREAM);
    private static final List<String> ADAPTERS = List.of("ide", "lsilogic", "buslogic", "legacyESX");
    private static final String ADAPTER_TYPE = "adapter_type", COMPAT6 = "compat6", HWVERSION = "hwversion",
            TOOLSVERSION = "toolsversion", SUBFORMAT = "subformat", ZEROED_GRAIN = "zeroed_grain";
    private static final String UNDEFINED = "undefined", DEFAULT_TOOLS = "2147483647";
    private static final long MAX_SIZE = 1L << 47;

    static final List<CreateOption> OPTIONS = List.of(CreateOption.size(CreateOption.SIZE, "Virtual disk size"),
            CreateOption.text(ADAPTER_TYPE,
                    "Virtual adapter type, can be one of ide (default), lsilogic, buslogic or legacyESX"),
            CreateOption.text(CreateOption.BACKING_FILE, "File name of a base image"),
            CreateOption.text(CreateOption.BACKING_FORMAT, "Must be 'vmdk' if present"),
            CreateOption.flag(COMPAT6, "VMDK version 6 image").withPreset("off"),
            CreateOption.text(HWVERSION, "VMDK hardware version").withPreset(UNDEFINED),
            CreateOption.text(TOOLSVERSION, "VMware guest tools version"),
            CreateOption.text(SUBFORMAT, "VMDK flat extent format, can be one of {monolithicSparse (default) |"
                    + " monolithicFlat | twoGbMaxExtentSparse | twoGbMaxExtentFlat | streamOptimized} "),
            CreateOption.flag(ZEROED_GRAIN, "Enable efficient zero writes using the zeroed-grain GTE feature"));

    /** @throws IOException if a value is wrong, or values do not go together */
    static VmdkSettings of(CreateValues values) throws IOException {
        String subformat = one(SUBFORMATS, values.text(SUBFORMAT).orElse(MONOLITHIC_SPARSE));
        String adapter = one(ADAPTERS, values.text(ADAPTER_TYPE).orElse("ide"));
        boolean compat6 = values.flag(COMPAT6).orElse(false);
        String hardware = values.text(HWVERSION).orElse(UNDEFINED);
        if (compat6 && !hardware.equals(UNDEFINED)) {
            throw invalid("compat6 cannot be enabled with hwversion set");
        }
        boolean zeroGrains = values.flag(ZEROED_GRAIN).orElse(false);
        String backing = values.text(CreateOption.BACKING_FILE).filter(name -> !name.isEmpty()).orElse(null);
        if (isFlat(subformat) && backing != null) {
            throw invalid("Flat image can't have backing file");
        }
        if (isFlat(subformat) && zeroGrains) {
            throw invalid("Flat image can't enable zeroed grain");
        }
        if (backing != null && !values.text(CreateOption.BACKING_FORMAT).orElse("vmdk").equals("vmdk")) {
            throw invalid("backing_file must be a vmdk image");
        }
        if (backing != null && subformat.equals(SPLIT_SPARSE)) {
            throw invalid("a split image with a backing file is not supported");
        }
        long size = Bytes.roundUp(values.size(), DiskImage.SECTOR_SIZE);
        if (!isFlat(subformat) && size > MAX_SIZE) {
            throw invalid("the image size is too large for file format 'vmdk'");
        }
        return new VmdkSettings(size, subformat, adapter, hardware.equals(UNDEFINED) ? compat6 ? "6" : "4" : hardware,
                values.text(TOOLSVERSION).orElse(DEFAULT_TOOLS), zeroGrains, backing);
    }

    private static boolean isFlat(String subformat) {
        return subformat.equals(MONOLITHIC_FLAT) || subformat.equals(SPLIT_FLAT);
    }

    boolean isFlat() {
        return isFlat(subformat);
    }

    boolean isSplit() {
        return subformat.equals(SPLIT_FLAT) || subformat.equals(SPLIT_SPARSE);
    }

    boolean isStream() {
        return subformat.equals(STREAM);
    }

    /** Whether the descriptor is a file of its own. */
    boolean hasDescriptorFile() {
        return isFlat() || isSplit();
    }

    private static String one(List<String> known, String value) throws IOException {
        if (!known.contains(value)) {
            throw invalid("invalid parameter value: " + value);
        }
        return value;
    }

    static ImageException invalid(String reason) {
        return new ImageException(Kind.INVALID_OPTION, reason);
    }
}
