/**
 * Connections: counts and tracks them, closes clients that are too slow, and gives access to the parts of Netty and Vert.x that
 * have no public API, such as traces. Except for its subpackages, no other package depends on those parts. {@code server},
 * {@code http}, {@code http.pages}, {@code http.request}, {@code fanout} and the subpackages of this package may import it.
 *
 * <p>Everything about a connection runs on its event loop. {@link dev.crier.transport.ConnectionGate} runs on the event loop
 * that accepts.
 */
package dev.crier.transport;
