package jkvm.host.netdev;

import java.util.Optional;

/**
 * A NIC with its backend, as {@code -nic} asks for both at once.
 *
 * @param model as QEMU names it; empty for the machine's usual one
 * @param mac   48 bits; empty for one that the machine chooses
 */
public record NicSpec(NetdevSpec netdev, Optional<String> model, Optional<Long> mac) {
}
