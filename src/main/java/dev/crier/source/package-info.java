/**
 * The sources that come with Crier: verticles that publish events by themselves. They are the clock and
 * the number of subscribers.
 *
 * <p>A source publishes over the event bus, as a user's own source does, and knows neither the log nor HTTP. The
 * configuration names it by its class, so only {@code MainVerticle} imports this package, to validate their sections.
 * Each source runs on the event loop that its verticle is deployed on.
 */
package dev.crier.source;
