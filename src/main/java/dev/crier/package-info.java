/**
 * Crier: a small server that pushes events to browsers and programs over Server-Sent Events.
 *
 * <p>Imports run one way, as this table says; a test checks it. The root package may import all others.
 *
 * <pre>
 * server -> http, http.pages, http.request, routes, transport, transport.strict, limit, auth, config, config.file, event, metrics
 * console -> routes, limit, log, log.store, config, event, metrics
 * routes -> http, http.request, fanout, transport, transport.stream, limit, auth, log, config, event, metrics
 * http.pages -> http, http.request, transport, limit, config, event
 * http -> http.request, fanout, transport, transport.stream, transport.strict, limit, sse, auth, log, config, event, metrics
 * http.request -> fanout, transport, sse, config, event
 * transport.stream -> fanout, transport, transport.strict
 * transport.strict -> transport
 * transport -> limit, metrics
 * fanout -> transport, log, log.store, sse, event, metrics
 * limit -> config
 * source -> bus, event, config.file
 * auth -> config, event, config.file
 * bus -> event
 * log.sqlite -> log.store, event, config.file
 * log.redis -> log.store, config, event, config.file
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
 * <p>{@code docs/architecture.md} has the job of each package. The description of each package says which thread runs it.
 */
package dev.crier;
