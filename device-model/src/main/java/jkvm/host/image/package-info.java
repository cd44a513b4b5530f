/**
 * Opens, creates, describes and checks disk images by name: finds out the format, follows backing files, locks. Knows
 * all drivers of formats, which know nothing of it.
 */
package jkvm.host.image;
