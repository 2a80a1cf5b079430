/**
 * Crier: a small server that pushes events to browsers and programs over Server-Sent Events.
 *
 * <p>A package is a room; imports run one way only, as this table says, and a test holds the code to it. Only {@link
 * dev.crier.MainVerticle} knows everything.
 *
 * <pre>
 * http -> channel, sse, bus, auth, event, config, metrics
 * channel -> log, sse, event, metrics
 * source -> bus, event, config
 * auth -> event, config
 * bus -> event
 * log -> event, config, metrics
 * sse -> event
 * config -> event
 * metrics -> nothing of ours
 * event -> the JDK
 * </pre>
 *
 * <ul>
 *   <li>{@code event}: the words, as records that are valid by construction
 *   <li>{@code log}: the memory; it gives the ids
 *   <li>{@code sse}: the bytes on the wire; knows no HTTP and no channel
 *   <li>{@code channel}: the movement; a subscriber is a cursor on the log
 *   <li>{@code bus}: the only place that names event bus addresses
 *   <li>{@code source}: the clock
 *   <li>{@code auth}: who may read and publish, by the token that one bears; knows no HTTP
 *   <li>{@code http}: the door; one class for each endpoint, and the table of errors
 *   <li>{@code config}: the conf, typed and validated
 *   <li>{@code metrics}: what is counted for those who run it; knows nothing else of Crier
 * </ul>
 */
package dev.crier;
