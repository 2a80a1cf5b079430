/**
 * The listeners: the main one with a verticle for each event loop, the management listener, TLS and its renewal. Creates what
 * one event loop needs to serve requests and connects it. Only the main verticle may import it.
 *
 * <p>{@link dev.crier.server.Listeners}, {@link dev.crier.server.ManagementListener} and the certificate run in the context of
 * the main verticle; everything of a {@link dev.crier.server.HttpVerticle} runs on its event loop.
 */
package dev.crier.server;
