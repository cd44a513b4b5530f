package jkvm.device.board;

/** Takes pages of guest memory away for a moment, for devices that test the hypervisor. */
public interface PageProtector {

    /**
     * Makes a page of guest memory inaccessible and then accessible again, its content kept: the guest's next access
     * has to be mapped anew. Called on a vCPU's thread; an address without RAM is to be ignored.
     *
     * @param guestPhysicalAddress of the page, a multiple of 4096 below 4 GiB
     */
    void revokeAndRestore(long guestPhysicalAddress);
}
