/** The servers that the benchmark compares, each started as a process. Imports {@code load}. */
package dev.crier.bench.peer;
