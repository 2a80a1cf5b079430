package dev.crier.metrics;

import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * The values of the metrics at one moment. Counts begin at the start of Crier.
 *
 * @param channels by the path of the declaration
 * @param sets those of the subscribers that follow several channels
 * @param connections how many are open
 * @param ended the number of streams that have ended, by reason
 * @param refused the number of requests that were refused, by status
 * @param writes how long successful appends took
 * @param loopDelay how long after their due time event loops ran a task
 * @param pauseMillis the time that garbage collection has stopped all threads for
 * @param droppedLines the number of log lines that were dropped
 */
public record Reading(
        Map<String, Channel> channels,
        Channel sets,
        long connections,
        Map<String, Long> ended,
        Map<String, Long> refused,
        Histogram writes,
        Histogram loopDelay,
        double pauseMillis,
        long droppedLines) {

    /**
     * The values of one declaration.
     *
     * @param lagging how many subscribers have not received all events
     * @param lagMillis the age of the oldest event that a subscriber has not received
     */
    public record Channel(
            long subscribers,
            long published,
            long delivered,
            long gaps,
            long lagging,
            long lagMillis,
            Histogram delay) {

        public static final Channel NONE = new Channel(0, 0, 0, 0, 0, 0, Histogram.empty());
    }

    /** Returns the sum of a value over all declarations and channel sets. */
    public long sum(ToLongFunction<Channel> value) {
        return channels.values().stream().mapToLong(value).sum() + value.applyAsLong(sets);
    }

    /** Returns the delays of all deliveries. */
    public Histogram delay() {
        return channels.values().stream().map(Channel::delay).reduce(sets.delay(), (sum, delay) -> delay.plus(sum));
    }
}
