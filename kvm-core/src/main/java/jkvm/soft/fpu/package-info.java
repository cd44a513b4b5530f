/**
 * Floating-point and vector state of a processor, and the arithmetic on it. Knows no instruction, no memory and no
 * processor: {@code jkvm.soft.cpu} decodes, checks and moves operands, this package computes.
 *
 * <p>Start with {@link jkvm.soft.fpu.FpuState}, the registers. {@link jkvm.soft.fpu.Float80} is the x87's arithmetic on
 * 80-bit numbers, with a 64-bit significand whose leading one is explicit. {@link jkvm.soft.fpu.PackedInteger} is MMX's
 * arithmetic on 64 bits at a time, which SSE uses on both halves of its registers. {@link jkvm.soft.fpu.FxsaveImage},
 * {@link jkvm.soft.fpu.XsaveArea} and {@link jkvm.soft.fpu.LegacyImage} lay the state out in memory as the manuals draw
 * it.
 */
package jkvm.soft.fpu;
