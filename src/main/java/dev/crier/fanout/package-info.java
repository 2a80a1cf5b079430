/**
 * The fan-out: delivers the log's entries to the subscribers of one event loop.
 *
 * <p>{@link dev.crier.fanout.Subscribers} has one {@code Fanout} for each channel and each channel set with subscribers, and a
 * {@code Fanout} has these {@link dev.crier.fanout.Subscriber}s. A subscriber is a position in the log and a {@link
 * dev.crier.fanout.StreamWriter}. It reads through a {@code StreamReader}: usually the one that all subscribers of its {@code
 * Fanout} share, which encodes entries once for all of them. Ownership and calls run in this direction only; a subscriber
 * reports its end through a function that it was given.
 *
 * <p>{@link dev.crier.fanout.ChannelStream} delivers entries to a subscriber in the same process, on that subscriber's context.
 *
 * <p>{@code server} owns the subscribers, {@code http} adds them, and {@code transport} implements the writers. Each event
 * loop uses only its own instances, so there are no locks. Exceptions are marked as thread-safe.
 */
package dev.crier.fanout;
