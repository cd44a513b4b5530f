/** Media that machines boot from, made for tests by Debian's boot loaders and tools, without mounts and privileges. */
package jkvm.media;
