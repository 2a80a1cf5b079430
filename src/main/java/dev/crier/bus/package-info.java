/**
 * The addresses, messages and codec of the event bus. No other package names them. Verticles in any language publish over the
 * event bus and ask for the number of subscribers, and the event log notifies the event loops over it. Sources and the listeners import this package. The log's
 * context receives publications and sends notifications; each event loop consumes notifications on its own context.
 */
package dev.crier.bus;
