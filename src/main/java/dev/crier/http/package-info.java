/**
 * Answers HTTP requests: one class for each endpoint, and what applies to every request, such as errors, CORS, tokens and the
 * access log. Only {@code http.pages} and {@code server} import this package. Each event loop has its own instances and calls
 * them on its own thread.
 */
package dev.crier.http;
