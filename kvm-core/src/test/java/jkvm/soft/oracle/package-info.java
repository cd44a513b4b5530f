/**
 * The silicon as oracle: snippets of user-mode code run on this host's processor, in a child process, and on the
 * processor in Java, from the same state; what comes out has to be the same.
 *
 * <p>{@link jkvm.soft.oracle.Silicon} is the child, {@link jkvm.soft.oracle.SoftProcessor} the processor in Java with
 * the same memory around it. {@link jkvm.soft.oracle.SnippetGenerator} makes the cases, each from a number that is its
 * seed, and {@link jkvm.soft.oracle.Judge} compares, with {@link jkvm.soft.oracle.UndefinedFlags} and
 * {@link jkvm.soft.oracle.Vendor} for what the manuals leave open.
 */
package jkvm.soft.oracle;
