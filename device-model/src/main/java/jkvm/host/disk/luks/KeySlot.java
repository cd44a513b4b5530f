package jkvm.host.disk.luks;

/**
 * One of the passphrases that a header has room for.
 *
 * @param active     whether there is one
 * @param iterations of the passphrase's derivation
 * @param salt       of the same
 * @param keySector  where the encrypted stripes of the master key begin in the file
 * @param stripes    how many there are
 */
record KeySlot(boolean active, int iterations, byte[] salt, int keySector, int stripes) {
}
