/*
 * The port write loop of PioGuest in C. Reads a number of exits per line from stdin, lets the guest make as
 * many, and answers with the nanoseconds that they took.
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define CODE 0x1000
#define MEMORY_SIZE 0x10000
#define PORT 0x3f8

struct device {
    uint64_t writes;
    void (*write)(struct device *device, uint64_t offset, int size, uint64_t value);
};

static void count(struct device *device, uint64_t offset, int size, uint64_t value) {
    (void) offset;
    (void) size;
    (void) value;
    device->writes++;
}

static int check(int result, const char *call) {
    if (result < 0) {
        perror(call);
        exit(1);
    }
    return result;
}

static void *map(size_t size, int flags, int fd) {
    void *address = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (address == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    return address;
}

static void dispatch(struct kvm_run *run, struct device *device) {
    if (run->exit_reason != KVM_EXIT_IO || run->io.direction != KVM_EXIT_IO_OUT || run->io.port != PORT) {
        fprintf(stderr, "unexpected exit %u\n", run->exit_reason);
        exit(1);
    }
    uint8_t *data = (uint8_t *) run + run->io.data_offset;
    for (uint32_t i = 0; i < run->io.count; i++) {
        uint64_t value = 0;
        memcpy(&value, data, run->io.size);
        device->write(device, 0, run->io.size, value);
        data += run->io.size;
    }
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ull + time.tv_nsec;
}

int main(void) {
    static const uint8_t code[] = { 0xee, 0xeb, 0xfd }; /* loop: out %al, (%dx); jmp loop */
    struct device device = { 0, count };
    int kvm = check(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
    int vm = check(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
    uint8_t *memory = map(MEMORY_SIZE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    memcpy(memory + CODE, code, sizeof code);
    struct kvm_userspace_memory_region region = { .memory_size = MEMORY_SIZE, .userspace_addr = (uintptr_t) memory };
    check(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");
    check(ioctl(vm, KVM_SET_TSS_ADDR, 0xfffbd000), "KVM_SET_TSS_ADDR");
    int vcpu = check(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
    struct kvm_run *run = map(check(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE"), MAP_SHARED, vcpu);
    struct kvm_sregs sregs;
    check(ioctl(vcpu, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
    sregs.cs.base = 0;
    sregs.cs.selector = 0;
    check(ioctl(vcpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
    struct kvm_regs regs = { .rip = CODE, .rdx = PORT, .rflags = 2 };
    check(ioctl(vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");

    unsigned long exits;
    while (scanf("%lu", &exits) == 1) {
        uint64_t start = now();
        for (unsigned long i = 0; i < exits; i++) {
            check(ioctl(vcpu, KVM_RUN, 0), "KVM_RUN");
            dispatch(run, &device);
        }
        printf("%llu\n", (unsigned long long) (now() - start));
        fflush(stdout);
    }
    return 0;
}
