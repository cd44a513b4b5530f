/** What a run leaves to look at: registers as text, failure reports, exit statistics. */
package jkvm.inspect;
