/**
 * LUKS version 1: disks encrypted under a master key that up to eight passphrases unlock, as QEMU and cryptsetup read
 * and make them. The format is described by "LUKS1 On-Disk Format Specification", version 1.2.3.
 *
 * <p>Supported are AES in the modes XTS and CBC with the sector numbers "plain", "plain64" and "essiv", and SHA-1 and
 * SHA-2 hashes. There is no trim and there are no holes: all of a disk is data, and what was never written is noise.
 *
 * <p>A hostile header costs no more than a bounded number of hash rounds and one key slot's memory. Keys are wiped
 * after use as far as the Java platform lets go of them: a cipher keeps its key schedule until it is collected.
 */
package jkvm.host.disk.luks;
