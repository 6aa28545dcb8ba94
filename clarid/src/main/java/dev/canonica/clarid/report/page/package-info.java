/**
 * A report as one self-contained HTML page, and as a contact sheet. Controls, failures and certificates stand beside the canonical samples.
 *
 * <p>{@link HtmlReport} writes a {@link dev.canonica.clarid.report.data.ReportData}, {@link ContactSheet} draws it; {@link PlainPage} is the same style
 * for other content.
 */
@NullMarked
package dev.canonica.clarid.report.page;

import org.jspecify.annotations.NullMarked;
