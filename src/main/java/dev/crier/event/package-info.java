/**
 * The domain: channels, events, event ids and publications, as records that are valid by construction. Every package may
 * import it, and it imports only the JDK. Its objects are immutable, so any thread may use them, except that one thread must
 * build a {@link dev.crier.event.PatternTree} first.
 */
package dev.crier.event;
