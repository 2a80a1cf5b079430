/**
 * Crier: a small server that pushes events to browsers and programs over Server-Sent Events.
 *
 * <p>Imports run one way, as this table says; a test checks it. The root package may import all others.
 *
 * <pre>
 * server -> http, http.pages, http.request, fanout, transport, transport.stream, transport.strict, limit, auth, bus, log, config, event, metrics, config.file
 * http.pages -> http, http.request, transport, limit, config, event
 * http -> http.request, fanout, transport, transport.stream, transport.strict, limit, sse, auth, log, config, event, metrics
 * http.request -> fanout, transport, sse, config, event
 * transport.stream -> fanout, transport, transport.strict
 * transport.strict -> transport
 * transport -> limit, metrics
 * fanout -> log, log.store, sse, event, metrics
 * limit -> config
 * source -> bus, event, config.file
 * auth -> config, event, config.file
 * bus -> event
 * log.sqlite -> log.store, event, config.file
 * log -> log.store, event, metrics, config.file
 * log.store -> event
 * sse -> event
 * logging -> config
 * config -> config.file, event
 * config.file -> no package of Crier
 * metrics -> no package of Crier
 * event -> the JDK
 * </pre>
 *
 * <p>Only {@code transport} depends on Netty and on internals of Vert.x, which may change with each release. These are the
 * exceptions. They parse or format, and no class of the JDK or of Vert.x's public API does the same.
 *
 * <pre>
 * limit: NetUtil
 * log: ByteBufUtil
 * </pre>
 *
 * <ul>
 *   <li>{@code event}: the domain, as records that are valid by construction
 *   <li>{@code log}: the event log: its queue, its recent entries and its retention
 *   <li>{@code log.store}: the contract of the stores, what they share, and the store in memory
 *   <li>{@code log.sqlite}: the store in a file
 *   <li>{@code sse}: the bytes of an event stream; knows no HTTP and no channel
 *   <li>{@code fanout}: the subscribers of an event loop; each is a cursor on the log
 *   <li>{@code transport}: the connections
 *   <li>{@code limit}: the limits that all event loops share
 *   <li>{@code auth}: tokens and what they permit; knows no HTTP
 *   <li>{@code bus}: the event bus addresses and codecs
 *   <li>{@code source}: the clock
 *   <li>{@code http}: one class for each endpoint, and the table of errors; {@code http.request} reads the parts of a
 *       request, {@code http.pages} serves the static pages
 *   <li>{@code server}: the listeners
 *   <li>{@code config}: the configuration as typed, validated records; {@code config.file} finds and reads the JSON
 *   <li>{@code metrics}: what is counted; knows nothing else of Crier
 *   <li>{@code logging}: log lines, as text and as JSON
 * </ul>
 */
package dev.crier;
