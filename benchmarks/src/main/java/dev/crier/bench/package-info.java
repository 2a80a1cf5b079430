/**
 * Compares Crier with other servers. {@code Benchmark} runs each workload on each participant and writes
 * {@code docs/benchmarks.md}. Imports {@code load} and {@code peer}.
 */
package dev.crier.bench;
