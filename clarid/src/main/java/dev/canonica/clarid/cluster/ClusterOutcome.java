package dev.canonica.clarid.cluster;

/**
 * What became of an extraction.
 *
 * @param images all that were asked for
 * @param computed how many of them now
 * @param failed how many of all have no result, but an error that stays or, for a reason of the machine's, nothing yet
 * @param firstError what the first of these says
 */
public record ClusterOutcome(long images, long computed, long failed, String firstError) {}
