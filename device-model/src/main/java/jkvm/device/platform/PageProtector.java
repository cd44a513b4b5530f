package jkvm.device.platform;

/** What {@link PcTestdev} asks of whoever maps the guest's memory. */
public interface PageProtector {

    /**
     * Makes a page of guest memory inaccessible and then accessible again, its content kept: the guest's next access
     * has to be mapped anew. Called on a vCPU's thread; an address without RAM is to be ignored.
     *
     * @param guestPhysicalAddress of the page, a multiple of 4096 below 4 GiB
     */
    void revokeAndRestore(long guestPhysicalAddress);
}
