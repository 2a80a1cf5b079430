/**
 * Decides what a bearer token grants: a token of the configuration, or a JWT. Knows no HTTP; {@code http} asks it, and the
 * main verticle wires it. Each event loop has its own {@link dev.crier.auth.TokenAuthorizer}. All of them share one {@link
 * dev.crier.auth.JwtKeys}, a verticle that reads keys on its own event loop, and the worker threads that verify signatures.
 */
package dev.crier.auth;
