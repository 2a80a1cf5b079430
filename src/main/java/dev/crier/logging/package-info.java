/**
 * Formats log lines, as text or as JSON, and writes them to standard output without blocking the thread that logs. Only the
 * main class, the main verticle and the memory guard import it; all other packages log through SLF4J. Lines are encoded on
 * the thread that logs, and written on a thread of their own.
 */
package dev.crier.logging;
