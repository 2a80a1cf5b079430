/**
 * The load client, a process of its own that subscribes, publishes and measures. Its subscribers and publishers run on one
 * Netty event loop each. Imports no other package of the benchmark.
 */
package dev.crier.bench.load;
