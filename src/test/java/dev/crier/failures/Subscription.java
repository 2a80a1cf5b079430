package dev.crier.failures;

import java.util.List;

/**
 * Everything that a subscriber of a channel received, in order, over all its connections.
 *
 * @param throughout whether it subscribed before the failure, not after it
 */
record Subscription(String subscriber, String channel, boolean throughout, List<Received> blocks) {}
