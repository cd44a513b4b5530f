package jkvm.soft.kvm;

import java.util.Arrays;

/**
 * Maps numbers to descriptors. Reading is a plain array access: a caller got its number from the call that put it
 * here.
 */
final class DescriptorTable {
    private SoftDescriptor[] byNumber = new SoftDescriptor[64];

    /** The descriptor, or null if the number is none of KVM's. */
    SoftDescriptor get(long number) {
        SoftDescriptor[] all = byNumber;
        return number >= 0 && number < all.length ? all[(int) number] : null;
    }

    synchronized void put(int number, SoftDescriptor descriptor) {
        if (number >= byNumber.length) {
            byNumber = Arrays.copyOf(byNumber, Integer.highestOneBit(number) * 2);
        }
        byNumber[number] = descriptor;
    }

    synchronized SoftDescriptor remove(long number) {
        SoftDescriptor descriptor = get(number);
        if (descriptor != null) {
            byNumber[(int) number] = null;
        }
        return descriptor;
    }
}
