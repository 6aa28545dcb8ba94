/** A report as one self-contained HTML page, and as a contact sheet. Controls, failures and certificates stand beside the canonical samples. */
@NullMarked
package dev.canonica.clarid.report.page;

import org.jspecify.annotations.NullMarked;
