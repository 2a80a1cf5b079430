/**
 * The rejection of malformed HTTP/1.x requests, and of malformed upgrades to HTTP/2, that Netty and Vert.x accept. Only {@code
 * server}, {@code http} and {@code transport.stream} may import it. Everything runs on the event loop of the connection.
 */
package dev.crier.transport.strict;
