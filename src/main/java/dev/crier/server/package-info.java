/**
 * The listeners: the main listener with a verticle for each event loop, the management listener, and TLS certificates and
 * their renewal. Creates and connects the objects that serve requests on one event loop. Only the main verticle imports it.
 *
 * <p>{@link dev.crier.server.Listeners}, {@link dev.crier.server.ManagementListener} and the certificate run in the context of
 * the main verticle; all parts of a {@link dev.crier.server.HttpVerticle} run on its event loop.
 */
package dev.crier.server;
