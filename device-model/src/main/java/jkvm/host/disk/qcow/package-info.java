/**
 * qcow images of version 1, as QEMU 0.8 to 0.10 made them: reading, compressed clusters and a backing file included,
 * and writing. Encrypted ones are refused. An L2 table is durable before the L1 table refers to it.
 */
package jkvm.host.disk.qcow;
