/**
 * The metrics: what is counted and measured, and the text that Prometheus scrapes.
 *
 * <p>The rest of Crier calls {@link dev.crier.metrics.Metrics} and {@link dev.crier.metrics.ChannelMetrics}. They do nothing
 * unless the management listener is on; then {@link dev.crier.metrics.Prometheus} implements them. This package imports no
 * other package of Crier. All methods are thread-safe, because all event loops share one instance.
 */
package dev.crier.metrics;
