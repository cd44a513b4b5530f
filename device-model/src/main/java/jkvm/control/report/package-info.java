/**
 * {@code -trace report=FILE}: a page that shows a run after its end. {@link jkvm.control.report.ReportView} collects
 * while the guest runs, in memory that does not grow with the run; {@link jkvm.control.report.RunReport} is the data of
 * a page, {@link jkvm.control.report.ReportPage} the page.
 *
 * <p>Guests choose names, addresses and counts: all text goes through {@link jkvm.control.report.Markup}, which escapes
 * it, and each list of the page has a limit and says what it leaves out.
 */
package jkvm.control.report;
