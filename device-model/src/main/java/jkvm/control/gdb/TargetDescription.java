package jkvm.control.gdb;

import static jkvm.control.gdb.TargetRegister.Part.FPU;
import static jkvm.control.gdb.TargetRegister.Part.GENERAL;
import static jkvm.control.gdb.TargetRegister.Part.NONE;
import static jkvm.control.gdb.TargetRegister.Part.SPECIAL;
import static jkvm.control.gdb.TargetRegister.Part.TAGS;

import java.util.ArrayList;
import java.util.List;
import jkvm.abi.KvmDtable;
import jkvm.abi.KvmFpu;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSegment;
import jkvm.abi.KvmSregs;

/**
 * The registers that a debugger is told of, in its order (gdb manual, G.5.7 "i386 Features"), and those of the system
 * besides. gdb takes one description for a connection, whatever mode the guest changes to: the one of 64 bits shows
 * a guest in any mode, that of 32 bits is for programs of 32 bits, whose debugging information numbers the registers
 * otherwise.
 */
final class TargetDescription {
    private static final String[] GENERAL_64 = {"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp"};
    private static final String[] GENERAL_32 = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    private static final long[] OFFSETS_64 = {KvmRegs.RAX_OFFSET, KvmRegs.RBX_OFFSET, KvmRegs.RCX_OFFSET,
        KvmRegs.RDX_OFFSET, KvmRegs.RSI_OFFSET, KvmRegs.RDI_OFFSET, KvmRegs.RBP_OFFSET, KvmRegs.RSP_OFFSET};
    private static final long[] OFFSETS_32 = {KvmRegs.RAX_OFFSET, KvmRegs.RCX_OFFSET, KvmRegs.RDX_OFFSET,
        KvmRegs.RBX_OFFSET, KvmRegs.RSP_OFFSET, KvmRegs.RBP_OFFSET, KvmRegs.RSI_OFFSET, KvmRegs.RDI_OFFSET};
    private static final String[] SEGMENTS = {"cs", "ss", "ds", "es", "fs", "gs"};
    private static final long[] SEGMENT_OFFSETS = {KvmSregs.CS_OFFSET, KvmSregs.SS_OFFSET, KvmSregs.DS_OFFSET,
        KvmSregs.ES_OFFSET, KvmSregs.FS_OFFSET, KvmSregs.GS_OFFSET};
    private static final String TYPES = """
            <flags id="i386_eflags" size="4">
            <field name="CF" start="0" end="0"/><field name="PF" start="2" end="2"/>
            <field name="AF" start="4" end="4"/><field name="ZF" start="6" end="6"/>
            <field name="SF" start="7" end="7"/><field name="TF" start="8" end="8"/>
            <field name="IF" start="9" end="9"/><field name="DF" start="10" end="10"/>
            <field name="OF" start="11" end="11"/><field name="NT" start="14" end="14"/>
            <field name="RF" start="16" end="16"/><field name="VM" start="17" end="17"/>
            <field name="AC" start="18" end="18"/><field name="VIF" start="19" end="19"/>
            <field name="VIP" start="20" end="20"/><field name="ID" start="21" end="21"/>
            </flags>
            """;
    private static final String VECTORS = """
            <vector id="v4f" type="ieee_single" count="4"/>
            <vector id="v2d" type="ieee_double" count="2"/>
            <vector id="v16i8" type="int8" count="16"/>
            <vector id="v4i32" type="int32" count="4"/>
            <vector id="v2i64" type="int64" count="2"/>
            <union id="vec128">
            <field name="v4_float" type="v4f"/><field name="v2_double" type="v2d"/>
            <field name="v16_int8" type="v16i8"/><field name="v4_int32" type="v4i32"/>
            <field name="v2_int64" type="v2i64"/><field name="uint128" type="uint128"/>
            </union>
            """;

    private final boolean wide;
    private final List<TargetRegister> registers = new ArrayList<>();
    private final StringBuilder xml = new StringBuilder("""
            <?xml version="1.0"?>
            <!DOCTYPE target SYSTEM "gdb-target.dtd">
            <target version="1.0">
            """);

    /** @param wide true for 64 bits */
    TargetDescription(boolean wide) {
        this.wide = wide;
        xml.append("<architecture>").append(wide ? "i386:x86-64" : "i386").append("</architecture>\n");
        feature("org.gnu.gdb.i386.core", TYPES, core());
        feature("org.gnu.gdb.i386.sse", VECTORS, sse());
        if (wide) {
            feature("org.gnu.gdb.i386.segments", "", List.of(base("fs_base", KvmSregs.FS_OFFSET),
                    base("gs_base", KvmSregs.GS_OFFSET)));
        }
        feature("org.jkvm.x86.system", "", system());
        xml.append("</target>\n");
    }

    /** In the order of their numbers. */
    List<TargetRegister> registers() {
        return registers;
    }

    String xml() {
        return xml.toString();
    }

    private void feature(String name, String types, List<TargetRegister> its) {
        xml.append("<feature name=\"").append(name).append("\">\n").append(types);
        its.forEach(register -> xml.append(register.xml()));
        xml.append("</feature>\n");
        registers.addAll(its);
    }

    private List<TargetRegister> core() {
        List<TargetRegister> core = new ArrayList<>();
        int bytes = wide ? Long.BYTES : Integer.BYTES;
        String[] names = wide ? GENERAL_64 : GENERAL_32;
        for (int i = 0; i < names.length; i++) {
            String type = names[i].endsWith("sp") || names[i].endsWith("bp") ? "data_ptr" : "int" + bytes * Byte.SIZE;
            core.add(general(names[i], bytes, type, (wide ? OFFSETS_64 : OFFSETS_32)[i]));
        }
        for (int i = 8; wide && i < 16; i++) {
            core.add(general("r" + i, bytes, "int64", KvmRegs.R8_OFFSET + (i - 8L) * Long.BYTES));
        }
        core.add(general(wide ? "rip" : "eip", bytes, "code_ptr", KvmRegs.RIP_OFFSET));
        core.add(general("eflags", Integer.BYTES, "i386_eflags", KvmRegs.RFLAGS_OFFSET));
        for (int i = 0; i < SEGMENTS.length; i++) {
            core.add(new TargetRegister(SEGMENTS[i], Integer.BYTES, "int32", null, SPECIAL,
                    SEGMENT_OFFSETS[i] + KvmSegment.SELECTOR_OFFSET, Short.BYTES));
        }
        for (int i = 0; i < 8; i++) {
            core.add(new TargetRegister("st" + i, 10, "i387_ext", null, FPU, KvmFpu.FPR_OFFSET + 16L * i, 10));
        }
        core.add(control("fctrl", FPU, KvmFpu.FCW_OFFSET, Short.BYTES));
        core.add(control("fstat", FPU, KvmFpu.FSW_OFFSET, Short.BYTES));
        core.add(control("ftag", TAGS, KvmFpu.FTWX_OFFSET, Byte.BYTES));
        core.add(control("fiseg", NONE, 0, 0));
        core.add(control("fioff", FPU, KvmFpu.LAST_IP_OFFSET, Integer.BYTES));
        core.add(control("foseg", NONE, 0, 0));
        core.add(control("fooff", FPU, KvmFpu.LAST_DP_OFFSET, Integer.BYTES));
        core.add(control("fop", FPU, KvmFpu.LAST_OPCODE_OFFSET, Short.BYTES));
        return core;
    }

    private List<TargetRegister> sse() {
        List<TargetRegister> sse = new ArrayList<>();
        for (int i = 0; i < (wide ? 16 : 8); i++) {
            sse.add(new TargetRegister("xmm" + i, 16, "vec128", null, FPU, KvmFpu.XMM_OFFSET + 16L * i, 16));
        }
        sse.add(new TargetRegister("mxcsr", Integer.BYTES, "int32", "vector", FPU, KvmFpu.MXCSR_OFFSET,
                Integer.BYTES));
        return sse;
    }

    private List<TargetRegister> system() {
        List<TargetRegister> system = new ArrayList<>();
        for (int i = 0; i < SEGMENTS.length; i++) {
            if (!wide || i < 4) {
                system.add(base(SEGMENTS[i] + "_base", SEGMENT_OFFSETS[i]));
            }
        }
        system.add(special("gdt_base", KvmSregs.GDT_OFFSET + KvmDtable.BASE_OFFSET));
        system.add(special("idt_base", KvmSregs.IDT_OFFSET + KvmDtable.BASE_OFFSET));
        system.add(base("ldt_base", KvmSregs.LDT_OFFSET));
        system.add(base("tr_base", KvmSregs.TR_OFFSET));
        system.add(special("cr0", KvmSregs.CR0_OFFSET));
        system.add(special("cr2", KvmSregs.CR2_OFFSET));
        system.add(special("cr3", KvmSregs.CR3_OFFSET));
        system.add(special("cr4", KvmSregs.CR4_OFFSET));
        system.add(special("cr8", KvmSregs.CR8_OFFSET));
        system.add(special("efer", KvmSregs.EFER_OFFSET));
        return system;
    }

    private static TargetRegister general(String name, int bytes, String type, long offset) {
        return new TargetRegister(name, bytes, type, null, GENERAL, offset, Long.BYTES);
    }

    private static TargetRegister control(String name, TargetRegister.Part part, long offset, int stored) {
        return new TargetRegister(name, Integer.BYTES, "int", "float", part, offset, stored);
    }

    private static TargetRegister base(String name, long segment) {
        return special(name, segment + KvmSegment.BASE_OFFSET);
    }

    private static TargetRegister special(String name, long offset) {
        return new TargetRegister(name, Long.BYTES, "int64", "system", SPECIAL, offset, Long.BYTES);
    }
}
