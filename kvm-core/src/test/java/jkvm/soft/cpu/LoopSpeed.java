package jkvm.soft.cpu;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import jkvm.soft.jit.CompilerThread;
import jkvm.soft.jit.VcpuCompiler;

/** Measures a loop: image, entry, kernel, iterations, seconds; one more argument compiles. {@code -Dcode32=true} for 32-bit code. */
final class LoopSpeed {
    private LoopSpeed() {
    }

    public static void main(String[] args) throws Exception {
        byte[] image = Files.readAllBytes(Path.of(args[0]));
        long entry = Long.parseLong(args[1], 16);
        double seconds = Double.parseDouble(args[4]);
        try (SoftMachine machine = new SoftMachine(64)) {
            if (Boolean.getBoolean("code32")) {
                machine.flat32();
            } else {
                machine.long64();
            }
            machine.code(0x100000, image);
            Cpu cpu = machine.cpu;
            if (args.length > 5) {
                machine.processor.compileWith(new VcpuCompiler(cpu, new CompilerThread()));
            }
            cpu.r[Cpu.RSP] = 0x9F000;
            cpu.r[Cpu.RSI] = Long.parseLong(args[2]);
            cpu.r[Cpu.RDI] = Long.parseLong(args[3]);
            cpu.rip = entry;
            ThreadMXBean thread = ManagementFactory.getThreadMXBean();
            com.sun.management.ThreadMXBean allocation = (com.sun.management.ThreadMXBean) thread;
            long end = System.nanoTime() + (long) (seconds * 1e9);
            long lastTime = thread.getCurrentThreadCpuTime();
            long lastCount = 0;
            long lastBytes = allocation.getCurrentThreadAllocatedBytes();
            double best = 0;
            StringBuilder slices = new StringBuilder();
            int cause = ExitCause.ATTENTION;
            while (System.nanoTime() < end && cause == ExitCause.ATTENTION) {
                long slice = System.nanoTime() + 200_000_000;
                while (System.nanoTime() < slice && cause == ExitCause.ATTENTION) {
                    cause = machine.processor.run();
                }
                long now = thread.getCurrentThreadCpuTime();
                double mips = (cpu.instructions - lastCount) * 1e3 / (now - lastTime);
                lastTime = now;
                lastCount = cpu.instructions;
                best = Math.max(best, mips);
                slices.append("%.0f ".formatted(mips));
            }
            long bytes = allocation.getCurrentThreadAllocatedBytes() - lastBytes;
            System.out.printf("kernel %s: %.1f M instructions, best %.0f M/s, cause %d, rip %x, rax %x, %d bytes; %s%n", args[2],
                    cpu.instructions / 1e6, best, cause, cpu.rip, cpu.r[0], bytes, slices);
            System.out.println(String.join(",", machine.written));
        }
    }
}
