/**
 * What the console shows: the values of a second, the table of channels, and what is wrong, in sentences. Reads the metrics and
 * the state of the log, and changes nothing. Only the root package imports it, which publishes the values to the channels of the
 * console, once a second. Runs on a worker thread, because some values block.
 */
package dev.crier.console;
