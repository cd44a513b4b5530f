/**
 * The silicon as oracle: snippets of user-mode code run on this host's processor, in a child process, and on the
 * processor in Java, from the same state; what comes out has to be the same.
 *
 * <p>{@link Silicon} is the child, {@link SoftProcessor} the processor in Java with
 * the same memory around it. {@link SnippetGenerator} makes the cases, each from a number that is its
 * seed, and {@link Judge} compares, with {@link UndefinedFlags} and
 * {@link Vendor} for what the manuals leave open.
 */
package jkvm.soft.oracle;
