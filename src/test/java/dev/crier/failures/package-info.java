/**
 * Seeded runs in which nodes, Redis or the network between them fail while events are published. {@link
 * dev.crier.failures.Judge} decides whether Crier kept its guarantees to publishers and subscribers. To add a failure, add a
 * constant to {@link dev.crier.failures.Failure}.
 */
package dev.crier.failures;
