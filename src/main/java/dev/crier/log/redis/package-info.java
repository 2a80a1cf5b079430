/**
 * The store in Redis, which several Crier processes can share. Redis gives the ids and decides the order, in atomic scripts.
 * Each node reads every entry from Redis, including its own, and then shows it. The root package may import this package.
 *
 * <p>All of it runs on the log's context, which never blocks. The methods of {@code Store} that any thread may call switch to
 * that context first.
 */
package dev.crier.log.redis;
