/**
 * All that serves channels on one event loop: its routes, its subscribers and their recurring work. {@code server} and the
 * library's {@code Crier} create one {@link dev.crier.routes.ChannelRoutes} for each event loop, which alone uses it.
 */
package dev.crier.routes;
