/**
 * Floating-point and vector state of a processor, and the arithmetic on it. Knows no instruction, no memory and no
 * processor: {@code jkvm.soft.cpu} decodes, checks and moves operands, this package computes.
 *
 * <p>Start with {@link FpuState}, the registers. {@link X87} has the x87's instructions, on
 * the register stack of {@link X87Stack}. They compute in a {@link Float80}, the arithmetic
 * unit for numbers of 80 bits. {@code Arithmetic80} adds, subtracts, multiplies and divides; {@code Functions80}
 * compares and scales; {@link Float80Conversions} knows the memory formats.
 * {@link Transcendentals} settles the special cases of sine and logarithm; their values come from the
 * series in {@code AngleSeries} and {@code LogarithmSeries}, with 128 bits of {@code Wide}.
 *
 * <p>{@link PackedInteger} and the other {@code Packed} classes are MMX's arithmetic on 64 bits at a
 * time, which SSE uses on both halves of its registers. SSE's floating point begins at {@link SimdUnit}:
 * one lane at a time in {@link DoubleLanes}, {@link SingleLanes} and
 * {@link Conversion}, by Java's own arithmetic where that can differ in nothing, else by
 * {@code SoftFloat} with integers. {@link FxsaveImage}, {@link XsaveArea} and
 * {@link LegacyImage} lay the state out in memory as the manuals draw it.
 *
 * <p>Vendors differ where the manuals leave a result open. There this package follows the silicon that it was compared
 * with:
 * <ul>
 * <li>Error pointers (FOP, FIP, FDP): kept for each instruction that is no control instruction, and stored by FXSAVE
 *     and XSAVE only while an exception is pending, as AMD does. Intel keeps FOP and FDP for unmasked exceptions only,
 *     and stores them always. FCS and FDS are the selectors; recent Intel processors store zero.
 * <li>Transcendental results: the true value rounded, with pi of 66 bits for the reduction; silicon is within one unit
 *     in the last place of that, and its C1 follows its own rounding. A result is called inexact even where it is
 *     exact.
 * <li>F2XM1 beyond 1 and FYL2XP1 from -1 down leave the operand and raise PE (Intel; AMD's F2XM1 leaves it too).
 * <li>C1: FCMOV and FCOMI leave it but for a stack fault, FFREE clears it (Intel).
 * <li>FCOMI sets the flags though its exception is unmasked (Intel).
 * <li>RCPPS and RSQRTPS round the true value to 12 bits; processors differ within the manuals' bound of 1.5 * 2^-12.
 * <li>DPPS and DPPD choose among several NaNs in each lane on its own, as the order of its sums has it (Intel).
 * <li>A conversion between XMM and MMX registers that ends in #XM has put the x87 into MMX state already; CVTPI2PS from
 *     memory leaves it alone (Intel).
 * <li>FPREM's partial reduction takes 32 plus the distance modulo 32 bits of the quotient.
 * </ul>
 */
package jkvm.soft.fpu;
