/**
 * Decides what a bearer token grants: a token of the configuration, or a JWT. Knows no HTTP. {@code http} calls it; {@code
 * server} and the main verticle create its objects. Each event loop has its own {@link dev.crier.auth.TokenAuthorizer}. All
 * event loops share one {@link dev.crier.auth.JwtKeys}, a verticle that reads keys on its own event loop, and the worker
 * threads that verify signatures.
 */
package dev.crier.auth;
