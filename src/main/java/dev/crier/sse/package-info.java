/**
 * The wire format of event streams: encodes events as bytes, and parses events from bytes.
 *
 * <p>It knows no HTTP and no channel. {@code fanout}, {@code http} and {@code http.request} import it, and it imports only
 * {@code event}. The methods of {@code EventStream} are static, without state, and any thread may call them. A parser belongs
 * to one body, and one thread at a time calls it.
 */
package dev.crier.sse;
