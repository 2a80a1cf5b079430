/**
 * The addresses of the event bus, and the messages to them. No other package names them. Verticles in any language publish over
 * the event bus. Sources and the root package import this package. The log's context receives publications.
 */
package dev.crier.bus;
