/**
 * The entropy device (virtio 1.2 section 5.4). One queue whose buffers are filled with random bytes, at most
 * {@value VirtioRng#MAX_REQUEST} of each; the driver sees how many. Requests wait while their source has nothing, or
 * until the next period once the user's limit is reached. A hostile driver asks without end:
 * it keeps its own queue's thread busy, in steps of a request, and nothing grows.
 */
package jkvm.device.virtio.rng;
