/** Shows the state and the results of a run: registers as text, failure reports, exit statistics. */
package jkvm.inspect;
