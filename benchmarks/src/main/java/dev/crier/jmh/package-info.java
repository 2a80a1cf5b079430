/** JMH benchmarks of the encoder and of the event log. */
package dev.crier.jmh;
