/**
 * The event bus: its addresses, its messages and its codec, which no other package names. Verticles in any language publish
 * over it, and the event log notifies the event loops over it. Sources and the listeners import it. The log's context takes
 * publications and sends notifications; each event loop consumes notifications on its own context.
 */
package dev.crier.bus;
