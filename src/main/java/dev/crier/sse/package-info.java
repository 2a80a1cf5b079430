/**
 * The wire format of event streams: encodes events as bytes.
 *
 * <p>It knows no HTTP and no channel. {@code fanout} and {@code http} import it, and it imports only {@code event}. Its methods
 * are static, without state, and any thread may call them.
 */
package dev.crier.sse;
