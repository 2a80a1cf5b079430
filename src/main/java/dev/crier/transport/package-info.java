/**
 * Connections: counts and tracks them, closes clients that are too slow, and gives access to the parts of Netty and Vert.x that
 * have no public API. With its subpackages, the only package that depends on those. Only {@code server}, {@code http} and the
 * subpackages may import it.
 *
 * <p>Everything about a connection runs on its event loop. {@link dev.crier.transport.ConnectionGate} runs on the event loop
 * that accepts.
 */
package dev.crier.transport;
