/**
 * The event log: one queue in front of a store, the newest entries in memory, retention, notifications, and the limit on
 * memory. {@code fanout} reads it; {@code http} and {@code bus} publish to it.
 *
 * <p>The context that opens the log owns it: appending, showing, notifying and trimming run there. Any thread may publish and
 * read. A read takes no lock; it finds an entry as soon as the store has shown it.
 */
package dev.crier.log;
