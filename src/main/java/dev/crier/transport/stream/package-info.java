/**
 * The writing of streams to their connections: implements {@link dev.crier.fanout.StreamWriter}, encodes each buffer once for
 * all subscribers at the same position, and counts the bytes that wait. Only {@code server}, {@code http} and the main verticle
 * may import it. A writer runs on the event loop of its connection; {@link dev.crier.transport.stream.QueuedBytes} is
 * thread-safe.
 */
package dev.crier.transport.stream;
