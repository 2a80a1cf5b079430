/**
 * Limits that all event loops share: connections, files, memory for requests, subscribers and rates, and the client address
 * that some of them count by. Only {@code server}, {@code http}, {@code http.pages}, {@code transport} and the main verticle
 * may import it. Everything is thread-safe and may be called on any event loop.
 */
package dev.crier.limit;
