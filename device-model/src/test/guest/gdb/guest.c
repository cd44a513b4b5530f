volatile unsigned counter;
unsigned numbers[8] = {3, 1, 4, 1, 5, 9, 2, 6};

static inline void out8(unsigned short port, unsigned char value)
{
    __asm__ volatile ("outb %0, %1" : : "a"(value), "Nd"(port));
}

unsigned add(unsigned a, unsigned b)
{
    unsigned sum = a + b;
    return sum;
}

unsigned total(void)
{
    unsigned result = 0;
    for (int i = 0; i < 8; i++) {
        result = add(result, numbers[i]);
        counter++;
    }
    return result;
}

void guest_main(void)
{
    unsigned result = total();
    out8(0xf4, (unsigned char) result);
    for (;;) {
        __asm__ volatile ("hlt");
    }
}
