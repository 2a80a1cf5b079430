/**
 * The addresses and messages of the event bus. No other package names them. Verticles in any language publish over the event bus
 * and ask for the number of subscribers. Sources import this package. The context of the event log receives publications.
 */
package dev.crier.bus;
