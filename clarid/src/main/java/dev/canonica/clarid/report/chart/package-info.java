/**
 * The charts of a report, as inline SVG: text of the same bytes for the same numbers, in colours that follow the page's.
 *
 * <p>{@link SpectrumCharts}, {@link SpreadChart}, {@link StripChart} and {@link TradeoffChart} show a
 * {@link dev.canonica.clarid.report.data.ReportData}; {@link CurveChart}, {@link IntervalChart} and {@link PointChart} show any numbers.
 */
@NullMarked
package dev.canonica.clarid.report.chart;

import org.jspecify.annotations.NullMarked;
