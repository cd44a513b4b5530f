/**
 * Memory as a guest's processor sees it: linear addresses, paging, and what lies at physical addresses.
 *
 * <p>Read {@link PageWalker} first: the walk through the guest's page tables. {@link Mmu}
 * remembers its results in a software TLB ({@code Tlb}), so that nearly all accesses are one comparison and one
 * access to host memory. {@link SlowAccess} does the rest: MMIO, ROM, code that changes itself,
 * accesses across a page end. {@link PhysicalBus} is the interface to the KVM around: memory slots, chips and
 * user space.
 *
 * <p>An access ends in one of three ways: with its value, with the guest's exception
 * ({@link GuestException}), or with an {@link Interruption}, which asks for something else
 * before the instruction is executed again. In the last two no byte of guest memory has changed, but for accessed and
 * dirty bits.
 *
 * <p>A hostile guest: page tables may point at themselves, at MMIO, at nothing and have any bit set. A walk has at most
 * five steps, only host addresses that the bus gave out are touched, and the TLB has a fixed size. This package knows
 * no processor: control registers come in through {@link Mmu#configure}.
 */
package jkvm.soft.mmu;
