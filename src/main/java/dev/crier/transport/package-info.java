/**
 * Connections and the writing of streams to them. The only package that depends on Netty and on internals of Vert.x. Counts
 * and tracks connections, rejects malformed requests, closes clients that are too slow, and implements {@link
 * dev.crier.fanout.StreamWriter}. Only {@code server}, {@code http} and the main verticle may import it.
 *
 * <p>Everything about a connection runs on its event loop. {@link dev.crier.transport.ConnectionGate} runs on the event loop
 * that accepts, and {@link dev.crier.transport.QueuedBytes} is thread-safe.
 */
package dev.crier.transport;
