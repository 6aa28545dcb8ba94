/**
 * The report of an extraction: one self-contained HTML page and a contact sheet, written from plain records that know
 * nothing of models or tensors. Controls, failures and certificates stand beside the canonical samples.
 */
@NullMarked
package dev.canonica.clarid.report;

import org.jspecify.annotations.NullMarked;
