/**
 * Reads the parts of a request: the path, the query, single headers, and the body of a publication. Its methods are functions
 * of text, and they reject malformed text instead of repairing it. Only {@code http}, {@code http.pages} and {@code server}
 * import this package. Any thread may call it.
 */
package dev.crier.http.request;
