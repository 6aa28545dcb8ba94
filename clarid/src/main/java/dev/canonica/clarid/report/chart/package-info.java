/** The charts of a report, as inline SVG. */
@NullMarked
package dev.canonica.clarid.report.chart;

import org.jspecify.annotations.NullMarked;
