/**
 * The domain: channels, events, event ids and publications, as records that are valid by construction. Every package may
 * import it, and it imports only the JDK. Its objects are immutable, so any thread may use them; only {@link
 * dev.crier.event.PatternTree} is built by one thread first.
 */
package dev.crier.event;
