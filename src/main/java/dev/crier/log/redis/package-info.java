/**
 * The store in Redis, which several processes of Crier share. Redis gives the ids and decides the order, in scripts that run
 * as a whole; each node reads every entry back from Redis, its own too, and then shows it. The root package may import it.
 *
 * <p>All of it runs on the log's context, which never waits. The methods of {@code Store} that any thread may call change to
 * that context first.
 */
package dev.crier.log.redis;
